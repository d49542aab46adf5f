// Package edition chooses the stories of a digest and puts their briefs
// together: Select and Assemble are pure functions of their inputs.
package edition
