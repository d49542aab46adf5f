"""Prints the instants at which daily slots fall, as little-endian int64 seconds.

Arguments: directory of zone files, first date, last date, times of day
separated by commas, zones. For each zone and time of day there is one number
for each local date: the first occurrence of the local time, or, where the
clocks skip it, the first instant after the gap.
"""
import sys
from array import array
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1)


def gap_end(zone, low, high):
    """Returns the second at which the offset changes between two instants."""
    offset = lambda s: datetime.fromtimestamp(s, timezone.utc).astimezone(zone).utcoffset()
    before = offset(low)
    while high - low > 1:
        mid = (low + high) // 2
        if offset(mid) == before:
            low = mid
        else:
            high = mid
    return high


def main():
    directory, first, last, times, *names = sys.argv[1:]
    first, last = date.fromisoformat(first), date.fromisoformat(last)
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    locals_ = []
    for text in times.split(","):
        hour, minute = map(int, text.split(":"))
        row = []
        for d in days:
            local = datetime(d.year, d.month, d.day, hour, minute)
            row.append((local, local.replace(fold=1), (local - EPOCH) // timedelta(seconds=1)))
        locals_.append(row)
    seconds = {}
    for name in names:
        with open(directory + "/" + name, "rb") as f:
            zone = ZoneInfo.from_file(f, key=name)
        utcoffset = zone.utcoffset
        for row in locals_:
            out = array("q")
            for local, folded, wall in row:
                before, after = utcoffset(local), utcoffset(folded)
                off = seconds.get(before)
                if off is None:
                    off = seconds[before] = before // timedelta(seconds=1)
                if before < after:  # a gap: PEP 495, "fold=0" is the offset before it
                    out.append(gap_end(zone, wall - after // timedelta(seconds=1) - 1, wall - off))
                else:
                    out.append(wall - off)
            if sys.byteorder == "big":
                out.byteswap()
            sys.stdout.buffer.write(out.tobytes())


main()
