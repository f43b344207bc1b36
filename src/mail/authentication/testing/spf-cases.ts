// What RFC 7208 says of records, one row each: the result, the record of a.example, and what the row is about. Unless a row says otherwise
// the peer is 192.0.2.1, the sender b@a.example and HELO mx.a.example. `x` are the names that several rows lead to.

export interface SpfCase {
  readonly expected: string;
  /** The record of a.example; none where it is empty, for rows that say all in `zone`. */
  readonly record: string;
  readonly what: string;
  readonly ip?: string;
  readonly sender?: string;
  readonly helo?: string;
  readonly zone?: readonly string[];
}

type More = Pick<SpfCase, "ip" | "sender" | "helo" | "zone">;
type Row = readonly [expected: string, record: string, what: string, more?: More];

const six = { ip: "2001:db8::1" };
const many = (count: number, term: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => term(at)).join(" ");
const lines = (count: number, line: (at: number) => string): string[] =>
  Array.from({ length: count }, (_, at) => line(at));

/** Names that rows lead to. */
const spfZone: readonly string[] = [
  "yes.x.example A 192.0.2.1",
  "yes.x.example AAAA 2001:db8::1",
  "no.x.example A 203.0.113.7",
  "no.x.example AAAA 2001:db8:ffff::7",
  "near.x.example A 192.0.2.77",
  "near.x.example AAAA 2001:db8::77",
  "two.x.example A 203.0.113.7",
  "two.x.example A 192.0.2.1",
  "four.x.example A 192.0.2.1",
  "nothing.x.example TXT hello",
  "slow.x.example A TIMEOUT",
  "slow.x.example AAAA TIMEOUT",
  "slow.x.example MX TIMEOUT",
  "slow.x.example TXT TIMEOUT",
  "mx.x.example MX 10 no.x.example",
  "mx.x.example MX 20 yes.x.example",
  "mx-near.x.example MX 10 near.x.example",
  "mx-slow.x.example MX 10 slow.x.example",
  "passes.x.example TXT v=spf1 +all",
  "fails.x.example TXT v=spf1 -all",
  "softfails.x.example TXT v=spf1 ~all",
  "neutral.x.example TXT v=spf1 ?all",
  "ends.x.example TXT v=spf1 ip4:203.0.113.7",
  "wrong.x.example TXT v=spf1 ip4:203.0.113 -all",
  "twice.x.example TXT v=spf1 -all",
  "twice.x.example TXT v=spf1 +all",
  "round.x.example TXT v=spf1 include:round.x.example -all",
  "turns.x.example TXT v=spf1 redirect=turns.x.example",
  ...lines(12, (at) => `h${at}.x.example A 203.0.113.${at + 10}`),
  ...lines(12, (at) => `h${at}.x.example AAAA 2001:db8:ffff::${at + 10}`),
  ...lines(10, (at) => `mx10.x.example MX ${at} h${at}.x.example`),
  ...lines(11, (at) => `mx11.x.example MX ${at} h${at}.x.example`),
  "1.2.0.192.in-addr.arpa PTR mx.a.example",
  "1.2.0.192.in-addr.arpa PTR Host.S.a.example",
  "mx.a.example A 192.0.2.1",
  "host.s.a.example A 192.0.2.1",
  "2.2.0.192.in-addr.arpa PTR liar.a.example",
  "liar.a.example A 192.0.2.99",
  "3.2.0.192.in-addr.arpa PTR TIMEOUT",
  ...lines(12, (at) => `4.2.0.192.in-addr.arpa PTR h${at}.x.example`),
];

const rows: readonly Row[] = [
  // §4.3 to §4.5: which domain, which record
  ["none", "", "a name that is not in the DNS"],
  ["none", "hello", "TXT records that are not about SPF"],
  ["none", "v=spf10 -all", "another version"],
  ["none", " v=spf1 -all", "a space before the version"],
  ["none", "v=spf1-all", "no space after the version"],
  ["neutral", "v=spf1", "the version alone"],
  ["fail", "V=sPf1 -all", "the version in any case"],
  ["fail", "v=spf1  -all  ", "spaces between and behind"],
  [
    "pass",
    "v=spf1 +all",
    "another TXT record beside",
    { zone: ["a.example TXT v=spf2.0/pra -all"] },
  ],
  ["permerror", "v=spf1 +all", "two records", { zone: ["a.example TXT v=spf1 -all"] }],
  ["permerror", "v=spf1 a:caf\u00e9.example -all", "letters beyond ASCII"],
  ["temperror", "TIMEOUT", "a record that the DNS does not tell"],
  ["none", "", "an empty label", { sender: "b@a..example" }],
  ["none", "", "a label of 64", { sender: `b@${"l".repeat(64)}.example` }],
  ["none", "", "one label alone", { sender: "b@localhost" }],
  ["none", "", "an address literal", { sender: "b@[192.0.2.1]" }],
  ["fail", "v=spf1 -all", "a sender in capitals", { sender: "B@A.Example" }],
  // §4.6: terms
  ["pass", "v=spf1 all", "no qualifier is a plus"],
  ["softfail", "v=spf1 ~all", "a tilde"],
  ["neutral", "v=spf1 ?all", "a question mark"],
  ["fail", "v=spf1 -ALL", "mechanisms in any case"],
  ["neutral", "v=spf1 ip4:203.0.113.7", "nothing that matches"],
  ["pass", "v=spf1 ip4:203.0.113.7 ip4:192.0.2.1 -all", "the first that matches"],
  ["permerror", "v=spf1 +all nonsense", "an error behind a match"],
  ["permerror", "v=spf1 nonsense:a.example -all", "a mechanism that nobody knows"],
  ["permerror", "v=spf1 *all", "a qualifier that is none"],
  ["permerror", "v=spf1 --all", "two qualifiers"],
  ["permerror", "v=spf1 -all.", "a full stop behind all"],
  ["permerror", "v=spf1 -all:a.example", "all with a domain"],
  ["permerror", "v=spf1 -all/8", "all with a length"],
  ["fail", "v=spf1 moo=meow -all", "a modifier that nobody knows"],
  ["fail", "v=spf1 -all moo=meow", "the same behind all"],
  ["fail", "v=spf1 m.o-o_1=%{d} -all", "a name of a modifier with signs"],
  ["fail", "v=spf1 moo= -all", "a modifier without a value"],
  ["permerror", "v=spf1 1moo=meow -all", "a name of a modifier that begins with a digit"],
  ["permerror", "v=spf1 =meow -all", "a modifier without a name"],
  ["permerror", "v=spf1 moo=%x -all", "a macro that is none in a modifier that nobody knows"],
  ["fail", "v=spf1 ip4=192.0.2.1 -all", "an equals sign makes a modifier of a mechanism's name"],
  // §5.2: include
  ["pass", "v=spf1 include:passes.x.example -all", "include of a pass"],
  ["softfail", "v=spf1 ~include:passes.x.example -all", "include with a qualifier"],
  ["fail", "v=spf1 include:fails.x.example -all", "include of a fail"],
  ["pass", "v=spf1 include:softfails.x.example +all", "include of a softfail"],
  ["pass", "v=spf1 include:neutral.x.example +all", "include of a neutral"],
  ["pass", "v=spf1 include:ends.x.example +all", "include of a record that ends"],
  ["permerror", "v=spf1 include:nothing.x.example +all", "include of no record"],
  ["permerror", "v=spf1 include:gone.x.example +all", "include of no name"],
  ["permerror", "v=spf1 include:wrong.x.example +all", "include of an error"],
  ["permerror", "v=spf1 include:twice.x.example +all", "include of two records"],
  ["temperror", "v=spf1 include:slow.x.example +all", "include of trouble"],
  ["permerror", "v=spf1 include +all", "include without a name"],
  ["permerror", "v=spf1 include: +all", "include with an empty name"],
  ["permerror", "v=spf1 include:passes.x.example/24 -all", "include with a length"],
  ["permerror", "v=spf1 include:round.x.example +all", "an include that goes round"],
  // §6.1: redirect
  ["pass", "v=spf1 redirect=passes.x.example", "redirect"],
  [
    "fail",
    "v=spf1 redirect=fails.x.example ip4:203.0.113.7",
    "redirect counts last, wherever it stands",
  ],
  ["softfail", "v=spf1 redirect=passes.x.example ~all", "all makes redirect nothing"],
  ["permerror", "v=spf1 redirect=nothing.x.example", "redirect to no record"],
  ["permerror", "v=spf1 redirect=gone.x.example", "redirect to no name"],
  ["permerror", "v=spf1 redirect=wrong.x.example", "redirect to an error"],
  ["temperror", "v=spf1 redirect=slow.x.example", "redirect to trouble"],
  ["permerror", "v=spf1 redirect=a:b@passes.x.example/24", "redirect to a name that is none"],
  ["permerror", "v=spf1 redirect= +all", "redirect to nothing"],
  ["permerror", "v=spf1 redirect=passes.x.example redirect=passes.x.example", "two redirects"],
  ["permerror", "v=spf1 redirect=turns.x.example", "a redirect that goes round"],
  // §6.2: exp
  ["permerror", "v=spf1 exp=a.x.example exp=b.x.example -all", "two explanations"],
  ["fail", "v=spf1 exp=gone.x.example -all", "an explanation that is not there"],
  ["permerror", "v=spf1 exp= -all", "an explanation without a name"],
  // §4.6.4: limits
  ["pass", `v=spf1 ${many(9, (at) => `a:h${at}.x.example`)} a:yes.x.example`, "ten look-ups"],
  [
    "permerror",
    `v=spf1 ${many(10, (at) => `a:h${at}.x.example`)} a:yes.x.example`,
    "eleven look-ups",
  ],
  [
    "pass",
    `v=spf1 ${many(40, (at) => `ip4:203.0.113.${at}`)} ip4:192.0.2.1`,
    "addresses are no look-ups",
  ],
  [
    "permerror",
    `v=spf1 ${many(10, (at) => `exists:h${at}.none.x.example`)}`,
    "names that are not there",
  ],
  ["fail", "v=spf1 a:v1.x.example a:v2.x.example -all", "two answers with nothing in them"],
  ["permerror", "v=spf1 a:v1.x.example a:v2.x.example a:v3.x.example -all", "three of them"],
  ["pass", "v=spf1 mx:mx10.x.example +all", "ten hosts of one mx"],
  ["permerror", "v=spf1 mx:mx11.x.example +all", "eleven hosts of one mx"],
  // §5.3: a
  ["pass", "v=spf1 a -all", "a of the domain itself", { zone: ["a.example A 192.0.2.1"] }],
  ["pass", "v=spf1 a:yes.x.example -all", "a of another name"],
  ["pass", "v=spf1 A:YES.x.example. -all", "a of a name in capitals with its full stop"],
  ["pass", "v=spf1 a:two.x.example -all", "a with two addresses"],
  ["pass", "v=spf1 a:yes.x.example -all", "a of an IPv6 peer", six],
  ["fail", "v=spf1 a:four.x.example -all", "a without an address of the peer's kind", six],
  ["pass", "v=spf1 a:near.x.example/24 -all", "a with a length"],
  ["fail", "v=spf1 a:near.x.example/26 -all", "a with a length too long"],
  ["pass", "v=spf1 a:no.x.example/0 -all", "a with length 0"],
  ["fail", "v=spf1 a:near.x.example//24 -all", "a with a length for IPv6 alone"],
  ["pass", "v=spf1 a:near.x.example//64 -all", "the same of an IPv6 peer", six],
  ["fail", "v=spf1 a:near.x.example/8 -all", "a length for IPv4 of an IPv6 peer", six],
  ["pass", "v=spf1 a:near.x.example/24//64 -all", "both lengths", six],
  ["permerror", "v=spf1 a:yes.x.example/33 -all", "a length over 32"],
  ["permerror", "v=spf1 a:yes.x.example//129 -all", "a length over 128"],
  ["permerror", "v=spf1 a:yes.x.example/ -all", "a length without digits"],
  ["permerror", "v=spf1 a:yes.x.example/024 -all", "a length with a zero before it"],
  ["permerror", "v=spf1 a:yes.x.example/24/64 -all", "two lengths with one stroke"],
  ["permerror", "v=spf1 a: -all", "a with an empty name"],
  ["permerror", "v=spf1 a:192.0.2.1 -all", "a of an address"],
  ["permerror", "v=spf1 a:example -all", "a of one label"],
  ["permerror", "v=spf1 a:yes.x.-example -all", "a last label that begins with a hyphen"],
  ["temperror", "v=spf1 a:slow.x.example -all", "a of trouble"],
  ["pass", "v=spf1 ip4:192.0.2.1 a:slow.x.example -all", "trouble behind a match"],
  // §5.4: mx
  [
    "pass",
    "v=spf1 mx -all",
    "mx of the domain itself",
    { zone: ["a.example MX 10 yes.x.example"] },
  ],
  ["pass", "v=spf1 mx:mx.x.example -all", "mx of another name, its second host"],
  ["pass", "v=spf1 mx:mx-near.x.example/24 -all", "mx with a length"],
  ["pass", "v=spf1 mx:mx-near.x.example//64 -all", "mx of an IPv6 peer", six],
  ["fail", "v=spf1 mx:yes.x.example -all", "an address alone is no mx"],
  ["fail", "v=spf1 mx -all", "a null mx", { zone: ["a.example MX 0 "] }],
  ["temperror", "v=spf1 mx:mx-slow.x.example -all", "mx whose host is trouble"],
  ["permerror", "v=spf1 mx: -all", "mx with an empty name"],
  ["permerror", "v=spf1 mx:a.example/33 -all", "mx with a length over 32"],
  // §5.5: ptr
  ["pass", "v=spf1 ptr -all", "ptr into the domain"],
  ["pass", "v=spf1 ptr:S.a.example -all", "ptr below a name, in any case"],
  ["fail", "v=spf1 ptr:x.example -all", "ptr elsewhere"],
  ["fail", "v=spf1 ptr -all", "ptr whose name does not lead back", { ip: "192.0.2.2" }],
  ["fail", "v=spf1 ptr -all", "ptr that the DNS does not tell", { ip: "192.0.2.3" }],
  ["fail", "v=spf1 ptr -all", "an address without a name", { ip: "192.0.2.9" }],
  ["fail", "v=spf1 ptr:x.example -all", "more names than anybody looks at", { ip: "192.0.2.4" }],
  ["permerror", "v=spf1 ptr: -all", "ptr with an empty name"],
  ["permerror", "v=spf1 ptr/24 -all", "ptr with a length"],
  // §5.6: ip4 and ip6
  ["pass", "v=spf1 ip4:192.0.2.0/24 -all", "ip4 with a length"],
  ["fail", "v=spf1 ip4:192.0.2.0 -all", "ip4 without one"],
  ["pass", "v=spf1 ip4:203.0.113.7/0 -all", "ip4 with length 0"],
  ["pass", "v=spf1 ip4:192.0.2.1 -all", "an IPv4 peer written as IPv6", { ip: "::ffff:192.0.2.1" }],
  ["fail", "v=spf1 ip6:::/0 -all", "the same is no IPv6 peer", { ip: "::ffff:192.0.2.1" }],
  ["fail", "v=spf1 ip4:0.0.0.0/0 -all", "ip4 of an IPv6 peer", six],
  ["permerror", "v=spf1 ip4:192.0.2.1/33 -all", "ip4 with a length over 32"],
  ["permerror", "v=spf1 ip4:192.0.2.1/032 -all", "ip4 with a zero before its length"],
  ["permerror", "v=spf1 ip4:192.0.2.1//32 -all", "ip4 with two strokes"],
  ["permerror", "v=spf1 ip4:192.0.2.1: -all", "ip4 with a port's colon"],
  ["permerror", "v=spf1 ip4:192.0.2 -all", "ip4 of three numbers"],
  ["permerror", "v=spf1 ip4:192.0.2.256 -all", "ip4 of a number over 255"],
  ["permerror", "v=spf1 ip4:2001:db8::1 -all", "ip4 of an IPv6 address"],
  ["permerror", "v=spf1 ip4 -all", "ip4 without an address"],
  ["permerror", "v=spf1 ip4: -all", "ip4 with an empty address"],
  ["pass", "v=spf1 ip6:2001:DB8::/32 -all", "ip6 with a length", six],
  ["pass", "v=spf1 ip6:2001:db8:0:0:0:0:0:1 -all", "ip6 spelled out", six],
  ["fail", "v=spf1 ip6:2001:db8::2 -all", "ip6 of another", six],
  ["fail", "v=spf1 ip6:::/0 -all", "ip6 of an IPv4 peer"],
  ["permerror", "v=spf1 ip6:2001:db8::/129 -all", "ip6 with a length over 128"],
  ["permerror", "v=spf1 ip6:2001::db8::1 -all", "ip6 with two gaps"],
  ["permerror", "v=spf1 ip6:192.0.2.1 -all", "ip6 of an IPv4 address"],
  ["permerror", "v=spf1 ip6 -all", "ip6 without an address"],
  // §5.7: exists
  ["pass", "v=spf1 exists:no.x.example -all", "exists, whatever the address"],
  ["pass", "v=spf1 exists:four.x.example -all", "exists asks for IPv4 of an IPv6 peer too", six],
  ["fail", "v=spf1 exists:nothing.x.example -all", "exists without an address"],
  ["temperror", "v=spf1 exists:slow.x.example -all", "exists of trouble"],
  ["permerror", "v=spf1 exists -all", "exists without a name"],
  ["permerror", "v=spf1 exists: -all", "exists with an empty name"],
  ["permerror", "v=spf1 exists:no.x.example/24 -all", "exists with a length"],
  // §7: macros
  [
    "pass",
    "v=spf1 exists:%{s}.m.example -all",
    "the sender",
    { zone: ["b@a.example.m.example A 127.0.0.2"] },
  ],
  [
    "pass",
    "v=spf1 exists:%{l}.%{o}.%{d}.m.example -all",
    "local part and domains",
    { zone: ["b.a.example.a.example.m.example A 127.0.0.2"] },
  ],
  [
    "pass",
    "v=spf1 exists:%{i}.%{v}.m.example -all",
    "address and its kind",
    { zone: ["192.0.2.1.in-addr.m.example A 127.0.0.2"] },
  ],
  [
    "pass",
    "v=spf1 exists:%{ir}.%{v}.m.example -all",
    "an IPv6 address backwards",
    { ...six, zone: [`1.${"0.".repeat(23)}8.b.d.0.1.0.0.2.ip6.m.example A 127.0.0.2`] },
  ],
  [
    "pass",
    "v=spf1 exists:%{h}.m.example -all",
    "the name in HELO",
    { zone: ["mx.a.example.m.example A 127.0.0.2"] },
  ],
  [
    "pass",
    "v=spf1 exists:%{d2}.%{d1r}.m.example -all",
    "the last labels, and the last of them backwards",
    {
      sender: "b@c.a.example",
      zone: [
        "c.a.example TXT v=spf1 exists:%{d2}.%{d1r}.m.example -all",
        "a.example.c.m.example A 127.0.0.2",
      ],
    },
  ],
  [
    "pass",
    "v=spf1 exists:%{d9}.m.example -all",
    "more labels than there are",
    { zone: ["a.example.m.example A 127.0.0.2"] },
  ],
  [
    "pass",
    "v=spf1 exists:%{l-}.m.example -all",
    "other signs between",
    { sender: "one-two@a.example", zone: ["one.two.m.example A 127.0.0.2"] },
  ],
  [
    "pass",
    "v=spf1 exists:%{l1r+-}.m.example -all",
    "two signs, backwards, one part",
    { sender: "one-two+three@a.example", zone: ["one.m.example A 127.0.0.2"] },
  ],
  [
    "pass",
    "v=spf1 exists:a%%b.m.example -all",
    "a percent sign",
    { zone: ["a%b.m.example A 127.0.0.2"] },
  ],
  [
    "pass",
    "v=spf1 exists:%{p}.m.example -all",
    "the confirmed name",
    { zone: ["mx.a.example.m.example A 127.0.0.2"] },
  ],
  [
    "pass",
    "v=spf1 exists:%{p}.m.example -all",
    "no confirmed name",
    { ip: "192.0.2.2", zone: ["unknown.m.example A 127.0.0.2"] },
  ],
  [
    "pass",
    "v=spf1 include:%{d}.i.m.example -all",
    "macros in include",
    { zone: ["a.example.i.m.example TXT v=spf1 +all"] },
  ],
  [
    "pass",
    "v=spf1 include:i.m.example -all",
    "the domain of what is included",
    {
      zone: [
        "i.m.example TXT v=spf1 exists:%{d}.%{o}.q.example -all",
        "i.m.example.a.example.q.example A 127.0.0.2",
      ],
    },
  ],
  [
    "pass",
    "v=spf1 exists:%{l}.m.example -all",
    "no local part is postmaster",
    { sender: "", helo: "a.example", zone: ["postmaster.m.example A 127.0.0.2"] },
  ],
  [
    "pass",
    `v=spf1 exists:%{l}.${"long-label.".repeat(20)}m.example -all`,
    "a name that is too long loses labels in front",
    {
      sender: `${"l".repeat(60)}@a.example`,
      zone: [`${"long-label.".repeat(20)}m.example A 127.0.0.2`],
    },
  ],
  ["permerror", "v=spf1 exists:%{e}.m.example -all", "a macro that nobody knows"],
  ["permerror", "v=spf1 exists:%d.m.example -all", "a macro without braces"],
  ["permerror", "v=spf1 exists:%{d.m.example -all", "a brace that does not close"],
  ["permerror", "v=spf1 exists:%{d0}.m.example -all", "no labels at all"],
  ["permerror", "v=spf1 exists:%{dR2}.m.example -all", "digits behind the letter"],
  ["permerror", "v=spf1 exists:%{c}.m.example -all", "a macro for explanations alone"],
  ["permerror", "v=spf1 exists:m.example% -all", "a percent sign at the end"],
];

export const spfCases: readonly SpfCase[] = rows.map(([expected, record, what, more]) => ({
  expected,
  record,
  what,
  ...more,
}));

/** The whole zone of a row. */
export function zoneOf({ record, zone = [] }: SpfCase): readonly string[] {
  return [...spfZone, ...(record === "" ? [] : [`a.example TXT ${record}`]), ...zone];
}
