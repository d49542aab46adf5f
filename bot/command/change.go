package command

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"nutgraf/adapters/chat"
	"nutgraf/digest"
)

// perChannel is how many active subscriptions a channel has at most.
const perChannel = 5

// picker finds the subscription that a command means among all of its workspace.
type picker func(all []digest.Subscription, cmd chat.Command) (digest.Subscription, error)

// change changes one subscription of the command's workspace. What which and
// alter see is what is stored: whatever others change at the same time, here or
// in another process, comes before or after it, and nothing of it is lost. They
// may be called more than once. It returns the subscription as it was and as it
// is.
func (c *Commands) change(ctx context.Context, cmd chat.Command, which picker, alter func(all []digest.Subscription, s *digest.Subscription) error) (was, is digest.Subscription, err error) {
	err = c.Manager.ChangeSubscriptions(ctx, workspace(cmd), func(all []digest.Subscription) ([]digest.Subscription, error) {
		var err error
		if was, err = which(all, cmd); err != nil {
			return nil, err
		}
		is = was
		if err = alter(all, &is); err != nil || reflect.DeepEqual(was, is) {
			return nil, err
		}
		return []digest.Subscription{is}, nil
	})
	return was, is, err
}

// create adds a subscription, when its channel takes it.
func (c *Commands) create(ctx context.Context, cmd chat.Command, sub digest.Subscription) error {
	return c.Manager.ChangeSubscriptions(ctx, workspace(cmd), func(all []digest.Subscription) ([]digest.Subscription, error) {
		return []digest.Subscription{sub}, admit(all, cmd, sub)
	})
}

// admit refuses a subscription whose name the channel has already, and more
// than its channels may have.
func admit(all []digest.Subscription, cmd chat.Command, sub digest.Subscription) error {
	for _, s := range here(lasting(all), cmd.Address) {
		switch same := s.ID != sub.ID && strings.EqualFold(s.Name, sub.Name); {
		case same && s.Disabled != "":
			return digest.Errorf(digest.Conflict, "This channel has “%s” already, but it is disabled: %s. Bring it back with `resume %s`, or give the new one another name, as in `name:Evening`.",
				s.Name, chat.Stored(s.Disabled), s.Name)
		case same:
			return digest.Errorf(digest.Conflict, "This channel has “%s” already, %s (%s). Change it with `schedule`, or give the new one another name, as in `name:Evening`.",
				s.Name, inWords(s.Cron), s.Zone)
		}
	}
	return room(all, cmd, sub, sub.Channels)
}

// room refuses a subscription for channels that have as many active ones as
// they may, those of which they are a further channel among them.
func room(all []digest.Subscription, cmd chat.Command, sub digest.Subscription, channels []digest.Address) error {
	for _, a := range channels {
		active := 0
		for _, s := range here(lasting(all), a) {
			if s.ID != sub.ID && s.Disabled == "" {
				active++
			}
		}
		switch {
		case active < perChannel:
		case a == cmd.Address:
			return digest.Errorf(digest.TooLarge, "This channel has %d digests, which is the most; end one with `unsubscribe` first.", active)
		default:
			return digest.Errorf(digest.TooLarge, "%s has %d digests, which is the most; end one with `unsubscribe` first.", a, active)
		}
	}
	return nil
}

// lasting leaves out the subscriptions that were ended or have not begun, and
// sorts the others by their names.
func lasting(all []digest.Subscription) []digest.Subscription {
	return byName(slices.DeleteFunc(slices.Clone(all), ended))
}

// picked finds a subscription by name or id, those of the channel first, or the
// only one of the channel.
func picked(all []digest.Subscription, cmd chat.Command) (digest.Subscription, error) {
	all = lasting(all)
	local, name := here(all, cmd.Address), strings.Trim(strings.TrimSpace(cmd.Args["name"]), `"“”„«»「」`+"\u00a0\u202f")
	if name == "" {
		switch {
		case len(local) == 1:
			return local[0], nil
		case len(local) > 1:
			return digest.Subscription{}, digest.Errorf(digest.Invalid, "This channel has %d digests; write which one, as in `name:\"%s\"`; there are %s.", len(local), local[0].Name, names(local))
		case len(all) > 0:
			return digest.Subscription{}, digest.Errorf(digest.NotFound, "This channel has no digest; write which one you mean, as in `name:\"%s\"`; there are %s.", all[0].Name, names(all))
		}
		return digest.Subscription{}, digest.Errorf(digest.NotFound, "This channel has no digest; make one, as in `subscribe 08:00`.")
	}
	for _, list := range [][]digest.Subscription{local, all} {
		found := slices.DeleteFunc(slices.Clone(list), func(s digest.Subscription) bool { return !strings.EqualFold(s.Name, name) && s.ID != name })
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return digest.Subscription{}, digest.Errorf(digest.Conflict, "There are %d digests called “%s”; write the id of the one you mean: %s.", len(found), clip(name), ids(found))
		}
	}
	return digest.Subscription{}, unknownName(all, name)
}

// identified finds a subscription by the id that a button or a menu has in its
// line, drafts included.
func identified(all []digest.Subscription, cmd chat.Command) (digest.Subscription, error) {
	for _, s := range all {
		if s.ID == cmd.Args["id"] && (s.Disabled == digest.Draft || !ended(s)) {
			return s, nil
		}
	}
	return digest.Subscription{}, digest.Errorf(digest.NotFound, "This digest does not exist any more; make a new one with `subscribe`.")
}

// own returns the subscriptions of the command's own workspace, those that were
// ended too.
func (c *Commands) own(ctx context.Context, cmd chat.Command) ([]digest.Subscription, error) {
	list, err := c.Desk.Subscriptions(ctx, workspace(cmd))
	return slices.DeleteFunc(list, func(s digest.Subscription) bool { return s.Workspace != workspace(cmd) }), err
}

// managed returns the subscriptions of the command's own workspace that were
// not ended.
func (c *Commands) managed(ctx context.Context, cmd chat.Command) ([]digest.Subscription, error) {
	list, err := c.own(ctx, cmd)
	return lasting(list), err
}

// find returns the subscription that a command means, to look at it.
func (c *Commands) find(ctx context.Context, cmd chat.Command, which picker) (digest.Subscription, error) {
	list, err := c.own(ctx, cmd)
	if err != nil {
		return digest.Subscription{}, err
	}
	return which(list, cmd)
}
