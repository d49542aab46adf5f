// Package newsroom runs the three loops that make Nutgraf work: it takes
// articles in, builds the digests that are due, and delivers their parts.
//
// Every loop is a round that claims its work, can be repeated at any time and
// picks up what a crash left behind: all state lives in the store.
package newsroom

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
	"nutgraf/digest/story"
)

// Platform is where channels live. Render is pure and may be called at any
// time; Post and Find talk to the platform within the deadline of ctx.
type Platform interface {
	// Render turns messages into frozen payloads, escaped and within the
	// platform's limits; a long message becomes several.
	Render(m []chat.Message) ([]digest.Payload, error)
	// Post posts a part. Its error carries a digest.Outcome; one without is
	// taken as ambiguous.
	Post(ctx context.Context, p digest.Part) (digest.MessageRef, error)
	// Find looks for a message that may have been posted since an instant and
	// whose key begins with that of the part. With an error the finding is
	// CannotTell; unless the error's class is Rejected, the search is tried again.
	Find(ctx context.Context, p digest.Part, since time.Time) (digest.MessageRef, digest.Finding, error)
}

// Source fetches what is new at one place. Its articles are finished: clean,
// dated and with their ids.
type Source interface {
	Fetch(ctx context.Context, c digest.Cursor) (digest.Batch, error)
}

// Store is all that the newsroom asks of a store. Each method is one
// transaction.
type Store interface {
	Intake
	Planner
	Desk
	Archive
	Outbox
	Keeper
	Notices
	Access
	Corrector
	Drafts
}

// Intake takes articles in.
type Intake interface {
	AddArticles(ctx context.Context, articles []digest.Article) ([]digest.Result, error)
	DueSources(ctx context.Context, now time.Time, lease time.Duration, n int) ([]digest.Source, []digest.Cursor, error)
	StoreBatch(ctx context.Context, b digest.Batch, next time.Time) ([]digest.Result, error)
	FailSource(ctx context.Context, source, problem string, next time.Time) error
}

// Planner knows subscriptions and their slots.
type Planner interface {
	Subscriptions(ctx context.Context, workspace string) ([]digest.Subscription, error)
	LastSlot(ctx context.Context, sub string) (digest.Slot, error)
	Slots(ctx context.Context, f digest.SlotFilter) ([]digest.Slot, error)
	PutSlots(ctx context.Context, slots []digest.Slot) (inserted int, err error)
	Disable(ctx context.Context, workspace, id, reason string) error
}

// Desk hands slots out to be built and takes the editions. Stale claims are
// refused with kind digest.Conflict.
type Desk interface {
	ClaimSlot(ctx context.Context, worker string, lease time.Duration) (digest.Slot, digest.Subscription, digest.Claim, bool, error)
	FreezeWindow(ctx context.Context, c digest.Claim, slot digest.Slot) error
	FreezeEdition(ctx context.Context, c digest.Claim, slot digest.Slot, e digest.Edition, parts []digest.Part) error
	CloseSlot(ctx context.Context, c digest.Claim, slot digest.Slot, state digest.SlotState, reason string) error
}

// Archive holds articles, stories and what channels were shown.
type Archive interface {
	Articles(ctx context.Context, q digest.ArticleQuery) ([]digest.Article, error)
	ArticlesByID(ctx context.Context, workspace string, ids []string) ([]digest.Article, error)
	Stories(ctx context.Context, workspace string, since time.Time) ([]digest.Story, error)
	SaveStories(ctx context.Context, workspace string, stories []digest.Story) error
	ShownTo(ctx context.Context, a digest.Address, since time.Time) ([]digest.Shown, error)
	Sources(ctx context.Context, workspace string) ([]digest.SourceStatus, error)
	Votes(ctx context.Context, a digest.Address) (map[string]int, error)
}

// Outbox hands parts out and records what became of them. Stale claims are
// refused with kind digest.Conflict.
type Outbox interface {
	ClaimPart(ctx context.Context, worker string, platforms []string, lease time.Duration) (digest.Part, digest.Claim, bool, error)
	MarkSending(ctx context.Context, c digest.Claim, p digest.Part) error
	MarkSent(ctx context.Context, c digest.Claim, p digest.Part, ref digest.MessageRef) error
	MarkRetry(ctx context.Context, c digest.Claim, p digest.Part, next time.Time, reason string) error
	MarkDoubt(ctx context.Context, c digest.Claim, p digest.Part, look time.Time, reason string) error
	MarkFinal(ctx context.Context, c digest.Claim, p digest.Part, state digest.PartState, reason string) error
}

// Corrector knows what changed after it was posted, and hands out the edits.
type Corrector interface {
	ChangesSince(ctx context.Context, since time.Time) ([]digest.Change, error)
	EditionsWith(ctx context.Context, articles []string, since time.Time) ([]digest.Edition, error)
	PutCorrection(ctx context.Context, c digest.Correction, parts []digest.Revision) error
	ClaimRevisions(ctx context.Context, platforms []string, lease time.Duration, n int) ([]digest.Revision, error)
	MarkRevision(ctx context.Context, r digest.Revision, state string, next time.Time, reason string) error
}

// Gatherer is what a Platform also is when some of its channels show all
// messages of a digest under the first one, whatever the layout says.
type Gatherer interface {
	Threaded(ctx context.Context, a digest.Address) bool
}

// Editor is what a Platform also is when it can edit what it posted.
type Editor interface {
	// Edit puts another payload in the place of a posted part; repeating it does
	// no harm. Its error carries a digest.Outcome, as that of Post.
	Edit(ctx context.Context, p digest.Part, payload digest.Payload) error
}

// Keeper keeps the outbox tidy, knows what went through it, names the
// installation, and knows whether the store came out of a backup.
type Keeper interface {
	ExpireParts(ctx context.Context) (int, error)
	Deliveries(ctx context.Context, f digest.PartFilter) ([]digest.Part, error)
	Edition(ctx context.Context, workspace, id string) (digest.Edition, error)
	InstallID() string
	Restored(ctx context.Context) (digest.Restored, error)
}

// Newsroom runs the rounds. Store, Now, Platforms and Open must be set; the
// fields may not change once a round has begun. Several newsrooms, also in
// several processes, may work on one store.
type Newsroom struct {
	Store     Store
	Now       func() time.Time
	Platforms map[string]Platform                   // by Address.Platform
	Manners   map[string]Manners                    // by Address.Platform, for those that differ from the default
	Open      func(digest.Source) (Source, error)   // the adapter of a source
	Together  func(context.Context) context.Context // under what it returns, sources of one address are asked once; nil: each is asked
	Writer    digest.Writer                         // nil for the extractive one, which is also the fallback
	Worker    string                                // names this process in leases
	Timing    Timing                                // zero fields mean the defaults
	Admins    map[string]digest.Address             // where the operators of a workspace are told; digest.Shared for those without one of their own
	Meter     Meter                                 // nil for none
	Log       *slog.Logger                          // nil for none

	grouper grouper // has a lock of its own

	mu      sync.Mutex
	mute    map[string]time.Time    // until when a platform that did not answer is not asked, by platform
	checked checked                 // changes of articles that were looked at
	seen    time.Time               // wall clock of the last planning round
	jumped  time.Time               // where the clock jumped to, until a second round agrees
	plans   map[string]plan         // parsed schedules by fields and zone
	holds   map[digest.Address]hold // platforms, workspaces and channels that fail, see levels
	lanes   map[string]*lane        // by platform
	posted  map[string]time.Time    // when a channel with a gap was last posted to
	expired time.Time               // when parts were last looked through for those that are too late
	wakeups map[string]chan struct{}

	unstored map[string]bool // notices that were told although the store did not take them
	took     map[string]bool // platforms that took a post of this process

	saidFenced bool // the log says that nothing is sent
}

// Meter is told what happens, for metrics. Its methods return at once.
type Meter interface {
	Posted(platform string, c digest.Class) // an answer to a post, or none
	Delivered(platform string, lag time.Duration)
	Built(took time.Duration)
}

// Manners are the ways of a platform.
type Manners struct {
	Quiet   time.Duration // after an attempt, how long a message may still appear; the platform's own key makes it short
	Gap     time.Duration // least time between two posts to one channel
	Threads bool          // stories go under the header unless the layout says otherwise
}

// Round does each loop's work once: sources that are due are fetched, digests
// that are due are built, parts that are ready are posted. It reports whether
// there was anything to do; until there is not, it is worth repeating.
func (n *Newsroom) Round(ctx context.Context) (worked bool, err error) {
	for _, round := range []func(context.Context) (int, error){n.Ingest, n.Build, n.Watch, n.Correct, n.Deliver} {
		did, err := round(ctx)
		worked = worked || did > 0
		if err != nil {
			return worked, err
		}
	}
	return worked, nil
}

// Accept is the other door for articles: pushed, mailed, saved and imported
// ones. They must be finished, as those of a Source are. There is one result
// per article, in order.
func (n *Newsroom) Accept(ctx context.Context, articles []digest.Article) ([]digest.Result, error) {
	sketched := make([]digest.Article, len(articles))
	copy(sketched, articles)
	sketch(sketched)
	results, err := n.Store.AddArticles(ctx, sketched)
	n.group(ctx, sketched, results)
	return results, err
}

// sketch fills the term vectors that grouping needs.
func sketch(articles []digest.Article) {
	for i := range articles {
		if articles[i].Sketch == nil {
			articles[i].Sketch = story.Sketch(articles[i])
		}
	}
}

// now is the wall clock: readings that are compared over a suspend may not use
// the monotonic one.
func (n *Newsroom) now() time.Time { return n.Now().Round(0) }

func (n *Newsroom) log() *slog.Logger {
	if n.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return n.Log
}

func (n *Newsroom) manners(platform string) Manners {
	if m, ok := n.Manners[platform]; ok {
		return m
	}
	return Manners{Quiet: n.timing().Quiet}
}

// safely runs f and turns a panic into an error, with the stack in the log.
func (n *Newsroom) safely(what string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			n.log().Error("the program failed and goes on", "at", what, "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("%s failed inside the program: %v", what, r)
		}
	}()
	return f()
}
