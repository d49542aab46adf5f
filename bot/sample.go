package main

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"text/template"
	"time"

	"nutgraf/digest"
	"nutgraf/digest/intake"
)

// sampleFiles are invented articles of invented outlets. Their dates are
// template actions, filled in relative to the day they are read.
//
//go:embed sample
var sampleFiles embed.FS

// sampleSource brings the sample articles, once.
type sampleSource struct {
	id    string
	fresh bool // all arrive now; else each arrives when it says it was published
	now   func() time.Time
}

// Fetch returns all sample articles the first time and nothing after that.
func (s sampleSource) Fetch(_ context.Context, c digest.Cursor) (digest.Batch, error) {
	c.Source = s.id
	if c.Fetched {
		return digest.Batch{Cursor: c, Unchanged: true}, nil
	}
	now := s.now()
	articles, err := sampleArticles(s.id, now)
	if err != nil {
		return digest.Batch{}, err
	}
	if s.fresh {
		for i := range articles {
			articles[i].Arrived = now
		}
	}
	c.Fetched = true
	return digest.Batch{Articles: articles, Cursor: c, Name: "Sample articles"}, nil
}

// sampleArticles reads the sample articles as the source id, dated around now.
func sampleArticles(id string, now time.Time) ([]digest.Article, error) {
	names, err := fs.Glob(sampleFiles, "sample/*")
	if err != nil {
		return nil, err
	}
	var out []digest.Article
	for _, name := range names {
		raw, err := fs.ReadFile(sampleFiles, name)
		if err != nil {
			return nil, err
		}
		body, err := fillDates(string(raw), now)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		articles, results := intake.Parse(intake.Input{Name: name, Body: body, Source: id, Workspace: digest.Shared, Now: now})
		for _, r := range results {
			if r.Verdict == digest.Refused {
				return nil, fmt.Errorf("%s: %s", r.Where, r.Reason)
			}
		}
		out = append(out, articles...)
	}
	return out, nil
}

var (
	germanMonths = [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}
	germanDays   = [...]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"}
)

// fillDates executes the date actions of a sample file: ago "3h" is an instant
// in RFC 3339, day, weekday, month and year count from today in English, tag
// and wochentag in German.
func fillDates(text string, now time.Time) ([]byte, error) {
	days := func(n int) time.Time { return now.AddDate(0, 0, n) }
	actions := template.FuncMap{
		"ago": func(span string) (string, error) {
			d, err := time.ParseDuration(span)
			return now.Add(-d).Format(time.RFC3339), err
		},
		"day":       func(n int) string { return days(n).Format("January 2") },
		"weekday":   func(n int) string { return days(n).Weekday().String() },
		"month":     func(n int) string { return now.AddDate(0, n, 1-now.Day()).Month().String() },
		"year":      func(n int) string { return strconv.Itoa(now.Year() + n) },
		"tag":       func(n int) string { return fmt.Sprintf("%d. %s", days(n).Day(), germanMonths[days(n).Month()-1]) },
		"wochentag": func(n int) string { return germanDays[days(n).Weekday()] },
	}
	t, err := template.New("sample").Funcs(actions).Parse(text)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, nil)
	return b.Bytes(), err
}
