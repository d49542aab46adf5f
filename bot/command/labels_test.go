package command

// Labels returns the labels of the settings, and other words that are said by
// name.
func Labels() []string {
	out := []string{firstName}
	for _, s := range settings() {
		out = append(out, s.label)
		if s.Name != "language" {
			out = append(out, s.Choices...)
		}
	}
	return out
}
