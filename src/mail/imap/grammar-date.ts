// Dates of IMAP (RFC 9051 §9: date, date-time). Pure; a day that no calendar has is malformed.
import { astring, type Cursor, Malformed, string } from "./cursor.ts";

export const months = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
];

/** SEARCH's date, bare or quoted: days since 1970-01-01. */
export function searchDay(cursor: Cursor): number {
  const match = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/.exec(astring(cursor).toString("latin1"));
  return calendar(match?.[1], match?.[2], match?.[3]) / 86_400_000;
}

/** APPEND's date-time: milliseconds since 1970. */
export function dateTime(cursor: Cursor): number {
  const match = /^([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(
    string(cursor).toString("latin1"),
  );
  const midnight = calendar(match?.[1], match?.[2], match?.[3]);
  const [hour, minute, second, zoneHour, zoneMinute] = [4, 5, 6, 8, 9].map((at) =>
    Number(match?.[at]),
  );
  if (hour === undefined || minute === undefined || second === undefined)
    throw new Malformed("a wrong time");
  if (hour > 23 || minute > 59 || second > 60) throw new Malformed("a wrong time");
  const zone = (zoneHour ?? 0) * 60 + (zoneMinute ?? 0);
  const local = midnight + ((hour * 60 + minute) * 60 + second) * 1000;
  return local - (match?.[7] === "-" ? -zone : zone) * 60_000;
}

function calendar(
  day: string | undefined,
  name: string | undefined,
  year: string | undefined,
): number {
  const month = months.findIndex((each) => each.toLowerCase() === name?.toLowerCase());
  const instant = Date.UTC(Number(year), month, Number(day));
  if (month < 0 || !Number.isFinite(instant) || new Date(instant).getUTCDate() !== Number(day))
    throw new Malformed("a wrong date");
  return instant;
}
