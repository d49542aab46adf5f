package discord

import (
	"strconv"
	"strings"
)

// permissions is Discord's set of permission bits. It travels as a decimal string.
// https://discord.com/developers/docs/topics/permissions
type permissions uint64

const (
	administrator permissions = 1 << 3
	manageGuild   permissions = 1 << 5
	viewChannel   permissions = 1 << 10
	sendMessages  permissions = 1 << 11
	embedLinks    permissions = 1 << 14
	readHistory   permissions = 1 << 16
	createThreads permissions = 1 << 35
	sendInThreads permissions = 1 << 38

	needed     = viewChannel | sendMessages | embedLinks | readHistory
	forThreads = createThreads | sendInThreads
)

// permissionNames are the names under which Discord's settings show them.
var permissionNames = []struct {
	bit  permissions
	name string
}{
	{viewChannel, "View Channel"}, {sendMessages, "Send Messages"}, {embedLinks, "Embed Links"},
	{readHistory, "Read Message History"}, {createThreads, "Create Public Threads"}, {sendInThreads, "Send Messages in Threads"},
}

// names lists permissions for people: "Embed Links, Read Message History".
func (p permissions) names() string {
	var out []string
	for _, n := range permissionNames {
		if p&n.bit != 0 {
			out = append(out, n.name)
		}
	}
	return strings.Join(out, ", ")
}

// has reports whether all bits of want are held; administrators hold them all.
func (p permissions) has(want permissions) bool { return p&administrator != 0 || p&want == want }

// UnmarshalText reads the decimal string. What cannot be read grants nothing.
func (p *permissions) UnmarshalText(b []byte) error {
	n, err := strconv.ParseUint(string(b), 10, 64)
	if err != nil {
		n = 0
	}
	*p = permissions(n)
	return nil
}

// overwrite changes the permissions of a role (type 0) or a member (type 1) in
// one channel.
type overwrite struct {
	ID    string      `json:"id"`
	Type  int         `json:"type"`
	Allow permissions `json:"allow"`
	Deny  permissions `json:"deny"`
}

type guildRole struct {
	ID          string      `json:"id"`
	Permissions permissions `json:"permissions"`
}

type guildMember struct {
	Roles []string `json:"roles"`
}

// permissionsIn computes what a member may do in a channel, as Discord's page
// on permissions says: everyone's role, own roles, then the channel's changes
// for everyone, for the roles together, and for the member.
func permissionsIn(guild, self string, m guildMember, roles []guildRole, changes []overwrite) permissions {
	mine := map[string]bool{guild: true}
	for _, r := range m.Roles {
		mine[r] = true
	}
	var p permissions
	for _, r := range roles {
		if mine[r.ID] {
			p |= r.Permissions
		}
	}
	if p&administrator != 0 {
		return p
	}
	var allow, deny permissions
	for _, o := range changes {
		switch {
		case o.Type == 0 && o.ID == guild:
			p = p&^o.Deny | o.Allow
		case o.Type == 0 && mine[o.ID]:
			allow |= o.Allow
			deny |= o.Deny
		}
	}
	p = p&^deny | allow
	for _, o := range changes {
		if o.Type == 1 && o.ID == self {
			p = p&^o.Deny | o.Allow
		}
	}
	if p&viewChannel == 0 {
		return 0 // who does not see a channel can do nothing in it
	}
	return p
}
