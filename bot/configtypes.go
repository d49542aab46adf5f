package main

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"nutgraf/bot/command"
	"nutgraf/digest"
)

// Duration is a time span in the configuration: "90s", "15m", "1h30m", "7d".
type Duration struct{ time.Duration }

func seconds(n int) Duration { return Duration{time.Duration(n) * time.Second} }
func hours(n int) Duration   { return Duration{time.Duration(n) * time.Hour} }

// UnmarshalText reads Go's durations and whole days.
func (d *Duration) UnmarshalText(b []byte) error {
	s := strings.TrimSpace(string(b))
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err == nil && n >= 0 && n <= 36500 {
			d.Duration = time.Duration(n) * 24 * time.Hour
			return nil
		}
	}
	v, err := time.ParseDuration(s)
	if err != nil || v < 0 {
		return digest.Errorf(digest.Invalid, "%q is not a time span; write for example \"90s\", \"15m\", \"6h\" or \"30d\"", s)
	}
	d.Duration = v
	return nil
}

// Zone is an IANA time zone name.
type Zone struct{ Name string }

// UnmarshalText checks the name against the embedded zone data.
func (z *Zone) UnmarshalText(b []byte) error {
	name := string(b)
	if _, err := time.LoadLocation(name); err != nil || name == "Local" || name == "" {
		return digest.Errorf(digest.Invalid, "%q is not a time zone; write an IANA name such as \"Europe/Berlin\" or \"UTC\"%s", name, suggestZone(name))
	}
	z.Name = name
	return nil
}

// suggestZone offers the zone that was probably meant.
func suggestZone(name string) string {
	if near := command.NearZone(name); near != "" {
		return "; did you mean \"" + near + "\"?"
	}
	return ""
}

// Prefix is an address range such as "10.0.0.0/8".
type Prefix struct{ netip.Prefix }

// UnmarshalText reads a CIDR range or a single address.
func (p *Prefix) UnmarshalText(b []byte) error {
	s := string(b)
	if a, err := netip.ParseAddr(s); err == nil {
		p.Prefix = netip.PrefixFrom(a, a.BitLen())
		return nil
	}
	v, err := netip.ParsePrefix(s)
	if err != nil {
		return digest.Errorf(digest.Invalid, "%q is not an address range; write for example \"10.0.0.0/8\"", s)
	}
	p.Prefix = v
	return nil
}
