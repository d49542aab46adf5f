package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"nutgraf/adapters/folder"
	"nutgraf/digest"
	"nutgraf/digest/intake"
)

// importBatch is how many articles one transaction stores.
const importBatch = 500

func (g *global) importCommand() *cobra.Command {
	var source, workspace string
	var asJSON, strict bool
	c := &cobra.Command{
		Use:   "import PATH|URL|- ...",
		Short: "Store articles from files, folders, web pages or standard input",
		Long: "Reads .txt, .md, .html, .json and .jsonl files, folders of them, web pages by their address, and\n" +
			"JSON lines from standard input (-). Every item is reported: added, updated, duplicate, or refused\n" +
			"with the reason. One bad item never stops the rest.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.withStore(c.Context(), func(a *app) error {
				run := importer{app: a, source: source, workspace: workspace, asJSON: asJSON, counts: make(map[digest.Verdict]int)}
				for _, arg := range args {
					if err := run.one(c.Context(), arg); err != nil {
						return err
					}
				}
				return run.finish(strict)
			})
		},
	}
	c.Flags().StringVar(&source, "source", "import", "id of the source that the articles are stored under")
	c.Flags().StringVar(&workspace, "workspace", digest.Shared, "workspace that sees the articles; * is shared by all")
	c.Flags().BoolVar(&asJSON, "json", false, "report as JSON lines")
	c.Flags().BoolVar(&strict, "strict", false, "fail when any item was refused")
	return c
}

// importer runs one import and keeps its report.
type importer struct {
	*app
	source, workspace string
	asJSON            bool
	counts            map[digest.Verdict]int
}

// one imports one argument. Only failures of the store are returned; what is
// wrong with the input is reported.
func (r *importer) one(ctx context.Context, arg string) error {
	if strings.Contains(arg, "://") {
		a, err := pageReader{r.app}.Article(ctx, arg)
		if err != nil {
			r.report(digest.Result{Verdict: digest.Refused, Where: arg, Reason: digest.Explain(err)})
			return ctx.Err()
		}
		a.Source, a.Workspace = r.source, r.workspace
		a.ID = digest.NewID(a)
		return r.storeBatch(ctx, []digest.Article{a}, arg)
	}
	if arg == "-" {
		return r.lines(ctx, "standard input", r.std.in)
	}
	info, err := os.Stat(arg)
	switch {
	case err != nil:
		r.report(digest.Result{Verdict: digest.Refused, Where: arg, Reason: "there is no such file or folder; a web page needs https:// in front"})
		return nil
	case !info.IsDir():
		return r.file(ctx, arg)
	}
	batch, err := folder.New(arg, r.options()).Fetch(ctx, digest.Cursor{Source: r.source})
	if err != nil {
		r.report(digest.Result{Verdict: digest.Refused, Where: arg, Reason: digest.Explain(err)})
		return ctx.Err()
	}
	return r.take(ctx, arg, batch.Articles, batch.Refused)
}

func (r *importer) options() folder.Options {
	return folder.Options{ID: r.source, Workspace: r.workspace, Now: r.now}
}

func (r *importer) file(ctx context.Context, path string) error {
	if ext := strings.ToLower(filepath.Ext(path)); ext == ".jsonl" || ext == ".ndjson" {
		f, err := os.Open(path)
		if err != nil {
			r.report(digest.Result{Verdict: digest.Refused, Where: path, Reason: err.Error()})
			return nil
		}
		defer f.Close()
		return r.lines(ctx, path, f)
	}
	articles, results, err := folder.ReadFile(path, r.options())
	if err != nil {
		results = append(results, digest.Result{Verdict: digest.Refused, Where: path, Reason: digest.Explain(err)})
	}
	return r.take(ctx, path, articles, results)
}

// lines imports JSON lines of any number, a batch at a time.
func (r *importer) lines(ctx context.Context, name string, in io.Reader) error {
	var articles []digest.Article
	var results []digest.Result
	p := r.progress("storing", 0)
	defer p.done()
	flush := func() error {
		n := len(articles)
		err := r.take(ctx, name, articles, results)
		articles, results = articles[:0], results[:0]
		p.add(n)
		return err
	}
	err := eachLine(in, func(n int, line []byte) error {
		got, refused := intake.Parse(intake.Input{Name: name + ".jsonl", Body: line, Source: r.source, Workspace: r.workspace, Now: r.now()})
		for _, res := range refused {
			res.Where = fmt.Sprintf("%s:%d", name, n)
			results = append(results, res)
		}
		articles = append(articles, got...)
		if len(articles)+len(results) >= importBatch {
			return flush()
		}
		return nil
	})
	if flushed := flush(); flushed != nil {
		return flushed
	}
	return err
}

// take stores what was read, in batches, and reports all of it.
func (r *importer) take(ctx context.Context, where string, articles []digest.Article, results []digest.Result) error {
	for _, res := range results {
		if res.Verdict == digest.Refused {
			r.report(res)
		}
	}
	p := r.progress("storing", len(articles))
	defer p.done()
	for len(articles) > 0 {
		n := min(importBatch, len(articles))
		if err := r.storeBatch(ctx, articles[:n], where); err != nil {
			return err
		}
		articles = articles[n:]
		p.add(n)
	}
	return nil
}

// storeBatch stores one batch in one transaction.
func (r *importer) storeBatch(ctx context.Context, articles []digest.Article, where string) error {
	results, err := r.news.Accept(ctx, articles)
	if err != nil {
		return err
	}
	for _, res := range results {
		if res.Where == "" {
			res.Where = where
		}
		r.report(res)
	}
	return nil
}

func (r *importer) report(res digest.Result) {
	r.counts[res.Verdict]++
	if r.asJSON {
		line, _ := json.Marshal(res)
		fmt.Fprintln(r.std.out, string(line))
		return
	}
	text := res.Title
	if res.Verdict == digest.Refused {
		text = res.Reason
		if res.Where != "" {
			text = res.Where + ": " + text
		}
	}
	fmt.Fprintf(r.std.out, "%-9s  %-16s  %s\n", res.Verdict, orDefault(res.ID, "-"), text)
}

func (r *importer) finish(strict bool) error {
	c := r.counts
	taken := c[digest.Added] + c[digest.Updated] + c[digest.Duplicate]
	summary := fmt.Sprintf("%d added, %d updated, %d duplicate, %d refused", c[digest.Added], c[digest.Updated], c[digest.Duplicate], c[digest.Refused])
	if !r.asJSON {
		fmt.Fprintln(r.std.out, summary)
	}
	if c[digest.Refused] > 0 && (strict || taken == 0) {
		return fmt.Errorf("%s; the reasons stand above", summary)
	}
	return nil
}
