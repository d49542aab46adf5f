package main

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"nutgraf/adapters/chat"
	"nutgraf/adapters/sqlstore"
	"nutgraf/bot/newsroom"
	"nutgraf/digest"
)

// maxBreakers is how many workspaces have a metric of their own, those that
// fail before those that do not.
const maxBreakers = 100

// metrics counts what this process does, and shows what the store counts. Every
// label has a bounded number of values.
type metrics struct {
	registry *prometheus.Registry
	posts    *prometheus.CounterVec
	lag      *prometheus.HistogramVec
	build    prometheus.Histogram
	command  *prometheus.HistogramVec
	blocked  prometheus.Counter
	commands []string // that have a name of their own as a label
}

func newMetrics(specs []chat.Spec) *metrics {
	lagBuckets := []float64{1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 6 * 3600, 24 * 3600} // seconds, as are these
	workingBuckets := []float64{.005, .02, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		posts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "nutgraf_posts_total",
			Help: "Posts of this process by what became of them."}, []string{"platform", "class"}),
		lag: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "nutgraf_delivery_lag_seconds",
			Help: "Time from when a slot was due to when a part of it was visible.", Buckets: lagBuckets}, []string{"platform"}),
		build: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "nutgraf_build_seconds",
			Help: "Time to build a digest, or to find that there is none.", Buckets: workingBuckets}),
		command: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "nutgraf_command_seconds",
			Help: "Time to answer a command.", Buckets: workingBuckets}, []string{"command"}),
		blocked: prometheus.NewCounter(prometheus.CounterOpts{Name: "nutgraf_egress_blocked_total",
			Help: "Requests that were refused because they lead to an address that is not public."}),
	}
	for _, s := range specs {
		m.commands = append(m.commands, s.Name)
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "nutgraf_build_info", Help: "The version that runs; always 1.",
		ConstLabels: prometheus.Labels{"version": version(), "goversion": runtime.Version()}})
	info.Set(1)
	m.registry.MustRegister(m.posts, m.lag, m.build, m.command, m.blocked, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Posted implements newsroom.Meter.
func (m *metrics) Posted(platform string, c digest.Class) {
	class := map[digest.Class]string{digest.Ambiguous: "ambiguous", digest.NotSent: "not_sent", digest.Sent: "sent", digest.Rejected: "rejected"}[c]
	m.posts.WithLabelValues(platform, class).Inc()
}

// Delivered implements newsroom.Meter.
func (m *metrics) Delivered(platform string, lag time.Duration) {
	m.lag.WithLabelValues(platform).Observe(lag.Seconds())
}

// Built implements newsroom.Meter.
func (m *metrics) Built(took time.Duration) { m.build.Observe(took.Seconds()) }

// attendant answers commands, opens forms and completes what people type.
type attendant interface {
	chat.Handler
	chat.Forms
	chat.Suggester
	chat.Linguist
	chat.Homer
}

// timed measures how long commands take.
type timed struct {
	attendant
	m   *metrics
	now func() time.Time
}

// Handle implements chat.Handler.
func (t timed) Handle(ctx context.Context, c chat.Command) chat.Reply {
	name := "other"
	if slices.Contains(t.m.commands, c.Name) {
		name = c.Name
	}
	began := t.now()
	defer func() { t.m.command.WithLabelValues(name).Observe(t.now().Sub(began).Seconds()) }()
	return t.attendant.Handle(ctx, c)
}

// shown collects what the store and the newsroom count, when it is asked for.
type shown struct {
	figures  func(context.Context) (sqlstore.Figures, error)
	newsroom func() newsroom.Figures
	ready    func(context.Context) error
}

// The metrics that shown collects.
var (
	slotsDesc   = prometheus.NewDesc("nutgraf_slots_total", "Slots by their outcome, since the store began. Every replica reports all of them.", []string{"outcome"}, nil)
	missedDesc  = prometheus.NewDesc("nutgraf_slots_missed_total", "Slots that were missed, since the store began.", nil, nil)
	partsDesc   = prometheus.NewDesc("nutgraf_parts", "Messages that are on their way, or of which nobody can tell whether they are there.", []string{"state"}, nil)
	unknownDesc = prometheus.NewDesc("nutgraf_parts_unknown", "Messages of which nobody can tell whether they are there; nutgraf deliveries resolve.", nil, nil)
	sourcesDesc = prometheus.NewDesc("nutgraf_source_failures", "Sources whose last fetch failed.", nil, nil)
	breakerDesc = prometheus.NewDesc("nutgraf_breaker_state", "Whether a platform or workspace is posted to: 0 yes, 1 one post probes it, 2 no.", []string{"platform", "workspace"}, nil)
	heldDesc    = prometheus.NewDesc("nutgraf_channels_held", "Channels that are left alone for now because they fail.", nil, nil)
	workingDesc = prometheus.NewDesc("nutgraf_posts_in_flight", "Posts and searches on their way.", []string{"platform"}, nil)
	readyDesc   = prometheus.NewDesc("nutgraf_ready", "1 while /readyz says so.", nil, nil)
)

// Describe implements prometheus.Collector.
func (s shown) Describe(c chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{slotsDesc, missedDesc, partsDesc, unknownDesc, sourcesDesc, breakerDesc, heldDesc, workingDesc, readyDesc} {
		c <- d
	}
}

// Collect implements prometheus.Collector. Without the store, what it counts is
// left out.
func (s shown) Collect(c chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		c <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	ready := 1.0
	if s.ready(ctx) != nil {
		ready = 0
	}
	gauge(readyDesc, ready)
	n := s.newsroom()
	for _, b := range busiest(n.Breakers) {
		platform, workspace := cutTenant(b.Name)
		gauge(breakerDesc, float64(b.State), platform, workspace)
	}
	gauge(heldDesc, float64(n.HeldChannels))
	for _, l := range n.Platforms {
		gauge(workingDesc, float64(l.Working), l.Platform)
	}
	f, err := s.figures(ctx)
	if err != nil {
		return
	}
	for state, count := range f.Slots {
		c <- prometheus.MustNewConstMetric(slotsDesc, prometheus.CounterValue, float64(count), string(state))
	}
	c <- prometheus.MustNewConstMetric(missedDesc, prometheus.CounterValue, float64(f.Slots[digest.SlotMissed]))
	for state, count := range f.Parts {
		gauge(partsDesc, float64(count), string(state))
	}
	gauge(unknownDesc, float64(f.Parts[digest.PartUnknown]))
	gauge(sourcesDesc, float64(f.Failing))
}
