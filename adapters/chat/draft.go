package chat

import (
	"strconv"

	"nutgraf/digest"
)

// mostChoices is how many choices a menu has.
const mostChoices = 25

// Draft shows a draft to the editors, with what they can do.
func Draft(d digest.EditorsDraft, loc Locale) Message {
	m := Message{Kind: Answer, Language: loc.language(), Blocks: []Block{
		Lines(Title, loc.T("Draft: %s", d.Edition.Name)),
		Lines(Meta, loc.T("for %s", Moment{At: d.Deadline, Zone: d.Edition.Zone}), loc.Coverage(d.Edition.Coverage)),
	}}
	list := Block{Kind: Numbered, Start: 1}
	var choices []Choice
	for _, it := range d.Edition.Items {
		list.Items = append(list.Items, Line(loc.Foreign(it.Brief.Language, Linked(it.Brief.Headline, it.Brief.URL))))
		if len(choices) < mostChoices {
			choices = append(choices, Choice{Value: it.Brief.ID, Label: clip(strconv.Itoa(it.N)+". "+it.Brief.Headline, 72)})
		}
	}
	if len(list.Items) == 0 {
		list = Lines(Text, loc.T("There is no story in it."))
	}
	m.Blocks = append(m.Blocks, list)
	if d.State != digest.DraftOpen {
		said := loc.T("Approved by %s.", d.Who)
		if d.State == digest.DraftSkipped {
			said = loc.T("Skipped by %s.", d.Who)
		}
		m.Blocks = append(m.Blocks, Lines(Meta, said))
		return m
	}
	if len(choices) > 0 {
		m.Menus = []Menu{{Label: loc.T("Drop"), Line: "draft-drop " + d.ID, Choices: choices}, {Label: loc.T("To the top"), Line: "draft-top " + d.ID, Choices: choices},
			{Label: loc.T("Retitle"), Line: "draft-title " + d.ID, Choices: choices}}
	}
	m.Buttons = []Button{{Label: loc.T("Approve"), Line: "draft-approve " + d.ID, Look: Primary}, {Label: loc.T("Add"), Line: "draft-add " + d.ID},
		{Label: loc.T("Write anew"), Line: "draft-redo " + d.ID}, {Label: loc.T("Preview"), Line: "draft-show " + d.ID}, {Label: loc.T("Skip"), Line: "draft-skip " + d.ID, Look: Danger}}
	return m
}
