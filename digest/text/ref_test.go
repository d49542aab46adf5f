package text_test

import "time"

// ref is a Wednesday.
var ref = time.Date(2026, 5, 20, 15, 0, 0, 0, time.UTC)
