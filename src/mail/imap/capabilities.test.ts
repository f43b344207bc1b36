// Every word that the server advertises is tried: a capability without a probe, or a probe that fails, fails the test.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connectImap, type ImapConnection } from "../../../test/imap.ts";
import { openImapHouse } from "../../../test/imap-house.ts";
import { makeLetter } from "../../../test/letters.ts";

/** A command and what its answer must hold: untagged lines and the tagged line after "OK". */
type Probe = readonly (readonly [command: string, answer: RegExp])[];

const letter = makeLetter({
  from: "Bob <bob@example.org>",
  to: "ada@bailee.example",
  subject: "Probe",
  text: "probed",
});

const select: readonly [string, RegExp] = ["SELECT INBOX", /READ-WRITE/];

const probes: { readonly [capability: string]: Probe } = {
  IMAP4rev1: [["CAPABILITY", /IMAP4rev1/], select, ["FETCH 1 RFC822.HEADER", /Subject: Probe/]],
  IMAP4rev2: [
    ["ENABLE IMAP4rev2", /ENABLED IMAP4rev2/],
    select,
    ["SEARCH ALL", /ESEARCH \(TAG "\w+"\) ALL 1/],
  ],
  "LITERAL+": [
    ["SEARCH SUBJECT {5+}\r\nprobe", /SEARCH/],
    select,
    ["SEARCH SUBJECT {5+}\r\nprobe", /SEARCH 1/],
  ],
  "SASL-IR": [], // every probe's sign-in by AUTHENTICATE below
  ENABLE: [["ENABLE CONDSTORE", /ENABLED CONDSTORE/]],
  ID: [["ID NIL", /\* ID \("name"/]],
  IDLE: [], // tried below, since it answers in two steps
  NAMESPACE: [["NAMESPACE", /NAMESPACE \(\("" "\/"\)\) NIL NIL/]],
  CHILDREN: [['LIST "" INBOX', /\\HasNoChildren/]],
  UNSELECT: [select, ["UNSELECT", /OK/], ["CHECK", /BAD/]],
  UIDPLUS: [select, ["UID COPY 1 Archive", /COPYUID \d+ 1 1/], ["UID EXPUNGE 1", /OK/]],
  MOVE: [select, ["MOVE 1 Archive", /COPYUID[^]*1 EXPUNGE/]],
  CONDSTORE: [
    ["SELECT INBOX (CONDSTORE)", /HIGHESTMODSEQ/],
    ["FETCH 1 (FLAGS) (CHANGEDSINCE 1)", /MODSEQ \(\d+\)/],
    ["STORE 1 (UNCHANGEDSINCE 1) +FLAGS (x)", /MODIFIED 1/],
    ["SEARCH MODSEQ 1", /SEARCH 1 \(MODSEQ \d+\)/],
    ["STATUS INBOX (HIGHESTMODSEQ)", /HIGHESTMODSEQ \d+/],
  ],
  QRESYNC: [
    ["ENABLE QRESYNC", /ENABLED QRESYNC/],
    select,
    ["STORE 1 +FLAGS.SILENT (\\Deleted)", /UID 1 MODSEQ/],
    ["EXPUNGE", /VANISHED 1[^]*HIGHESTMODSEQ \d+/],
    ["UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)", /VANISHED \(EARLIER\) 1/],
  ],
  ESEARCH: [select, ["SEARCH RETURN (MIN MAX COUNT ALL) ALL", /MIN 1 MAX 1 ALL 1 COUNT 1/]],
  SEARCHRES: [select, ["SEARCH RETURN (SAVE) ALL", /OK/], ["FETCH $ UID", /UID 1/]],
  WITHIN: [
    select,
    ["SEARCH YOUNGER 1000000000", /SEARCH 1/],
    ["SEARCH OLDER 1000000000", /SEARCH\r/],
  ],
  PARTIAL: [
    select,
    ["SEARCH RETURN (PARTIAL -1:-5) ALL", /PARTIAL \(-1:-5 1\)/],
    ["UID FETCH 1:* (UID) (PARTIAL 2:3)", /OK/],
  ],
  "CONTEXT=SEARCH": [
    select,
    ["SEARCH RETURN (UPDATE CONTEXT COUNT) FLAGGED", /COUNT 0/],
    ["STORE 1 +FLAGS (\\Flagged)", /ADDTO \(0 1\)/],
  ],
  SORT: [select, ["SORT (REVERSE DATE) UTF-8 ALL", /SORT 1/]],
  "SORT=DISPLAY": [select, ["SORT (DISPLAYFROM DISPLAYTO) UTF-8 ALL", /SORT 1/]],
  "CONTEXT=SORT": [
    select,
    ["SORT RETURN (UPDATE COUNT) (DATE) UTF-8 FLAGGED", /COUNT 0/],
    ["STORE 1 +FLAGS (\\Flagged)", /ADDTO \(1 1\)/],
    ["SORT RETURN (PARTIAL 1:1) (DATE) UTF-8 ALL", /PARTIAL \(1:1 1\)/],
  ],
  INPROGRESS: [], // tried in progress.test.ts, since it takes ten seconds to be told
  // RFC 5255: what is compared is compared by i;unicode-casemap, in UTF-8.
  "I18NLEVEL=1": [
    ["APPEND INBOX {20+}\r\nSubject: gr\u00fc\u00dfe\r\n\r\n", /APPENDUID/],
    select,
    ["SEARCH CHARSET UTF-8 SUBJECT {7+}\r\nGR\u00dc\u00dfE", /SEARCH 2/],
  ],
  ESORT: [select, ["SORT RETURN (COUNT) (SIZE) UTF-8 ALL", /ESEARCH .* COUNT 1/]],
  "THREAD=REFERENCES": [select, ["THREAD REFERENCES UTF-8 ALL", /THREAD \(1\)/]],
  "THREAD=ORDEREDSUBJECT": [select, ["THREAD ORDEREDSUBJECT UTF-8 ALL", /THREAD \(1\)/]],
  "LIST-EXTENDED": [['LIST (SUBSCRIBED) "" (INBOX Sent) RETURN (CHILDREN)', /LIST/]],
  "LIST-STATUS": [
    ['LIST "" INBOX RETURN (STATUS (MESSAGES))', /LIST[^]*STATUS "INBOX" \(MESSAGES 1\)/],
  ],
  "SPECIAL-USE": [
    ['LIST (SPECIAL-USE) "" *', /\\Drafts/],
    ['LIST "" * RETURN (SPECIAL-USE)', /\\Sent/],
  ],
  "CREATE-SPECIAL-USE": [
    ["DELETE Junk", /OK/],
    ["CREATE Spam (USE (\\Junk))", /OK/],
    ['LIST "" Spam', /\\Junk/],
    ["CREATE Everything (USE (\\All))", /USEATTR/],
  ],
  XLIST: [['XLIST "" *', /XLIST \(\\HasNoChildren \\Inbox\)/]],
  "STATUS=SIZE": [["STATUS INBOX (SIZE)", new RegExp(`SIZE ${letter.byteLength}\\)`)]],
  MULTIAPPEND: [["APPEND INBOX {1+}\r\na {1+}\r\nb", /APPENDUID \d+ 2:3/]],
  CATENATE: [
    select,
    [
      'APPEND INBOX CATENATE (URL "/INBOX/;UID=1/;SECTION=HEADER" TEXT {3+}\r\nnew)',
      /APPENDUID \d+ 2/,
    ],
    ["FETCH 2 BODY.PEEK[TEXT]", /\{3\}\r\nnew/],
  ],
  REPLACE: [
    select,
    ["REPLACE 1 INBOX {3+}\r\nnew", /OK \[APPENDUID \d+ 2\][^]*1 EXPUNGE[^]*1 EXISTS/],
    ["UID REPLACE 2 INBOX {3+}\r\nnew", /APPENDUID \d+ 3/],
  ],
  QUOTA: [
    ["GETQUOTAROOT INBOX", /QUOTAROOT "INBOX" ""\r\n\* QUOTA "" \(STORAGE 1 10 MESSAGE 1 100\)/],
    [`APPEND INBOX {10240+}\r\n${"x".repeat(10_240)}`, /NO \[OVERQUOTA\]/],
  ],
  "QUOTA=RES-STORAGE": [
    ['GETQUOTA ""', /STORAGE 1 10/],
    ["STATUS INBOX (DELETED-STORAGE)", /DELETED-STORAGE 0/],
  ],
  "QUOTA=RES-MESSAGE": [
    ['GETQUOTA ""', /MESSAGE 1 100/],
    ["STATUS INBOX (DELETED)", /DELETED 0/],
  ],
  METADATA: [
    ['SETMETADATA INBOX (/private/comment "mine")', /OK/],
    ["GETMETADATA INBOX /private/comment", /METADATA "INBOX" \(\/private\/comment "mine"\)/],
    ['GETMETADATA "" /shared/admin', /"mailto:postmaster@mail.example"/],
  ],
  "UTF8=ACCEPT": [
    ["ENABLE UTF8=ACCEPT", /ENABLED UTF8=ACCEPT/],
    ['CREATE "Gr\u00fcn"', /OK/],
    ['LIST "" G*', /"Gr\u00c3\u00bcn"/],
    ["APPEND INBOX UTF8 (~{1+}\r\nx)", /APPENDUID/],
  ],
  BINARY: [
    select,
    [
      "FETCH 1 (BINARY.SIZE[1] BINARY.PEEK[1])",
      /BINARY.SIZE\[1\] \d+ BINARY\[1\] \{\d+\}\r\nprobed/,
    ],
  ],
  PREVIEW: [select, ["FETCH 1 (PREVIEW (LAZY))", /PREVIEW "probed"/]],
  SAVEDATE: [
    select,
    ["FETCH 1 SAVEDATE", /SAVEDATE "/],
    ["SEARCH SAVEDSINCE 1-Jan-2020", /SEARCH 1/],
  ],
  OBJECTID: [
    ["STATUS INBOX (MAILBOXID)", /MAILBOXID \([a-z2-7]+\)/],
    ["SELECT INBOX", /MAILBOXID/],
    ["FETCH 1 (EMAILID THREADID)", /EMAILID \([a-z2-7]+\) THREADID NIL/],
  ],
  NOTIFY: [
    ["NOTIFY SET STATUS (PERSONAL (MessageNew MessageExpunge))", /STATUS "INBOX" \(MESSAGES 1/],
    ["NOTIFY SET (PERSONAL (AnnotationChange MessageNew MessageExpunge))", /NO \[BADEVENT \(/],
    ["NOTIFY NONE", /OK/],
  ],
  UIDONLY: [
    ["ENABLE UIDONLY", /ENABLED UIDONLY/],
    select,
    ["FETCH 1 FLAGS", /BAD \[UIDREQUIRED\]/],
    ["UID SEARCH NOT 1:2", /BAD \[UIDREQUIRED\]/],
    ["UID SEARCH UID 1", /SEARCH 1/],
    ["UID FETCH 1 FLAGS", /\* 1 UIDFETCH \(FLAGS/],
    ["UID STORE 1 +FLAGS (\\Deleted)", /\* 1 UIDFETCH/],
    ["EXPUNGE", /\* VANISHED 1/],
  ],
  UNAUTHENTICATE: [
    ["UNAUTHENTICATE", /OK/],
    ["SELECT INBOX", /BAD/],
    ["LOGIN ada right", /OK/],
    select,
  ],
  "APPENDLIMIT=26214400": [["STATUS INBOX (APPENDLIMIT)", /APPENDLIMIT 26214400/]],
};

async function advertised(imap: ImapConnection): Promise<readonly string[]> {
  const { untagged } = await imap.command("CAPABILITY");
  return /\* CAPABILITY (.*)\r\n/.exec(untagged.toString("latin1"))?.[1]?.split(" ") ?? [];
}

test("every advertised capability has a probe, and no probe is left over", async (t) => {
  const house = await openImapHouse(t);
  using imap = await connectImap(house.port, "ada", "right");
  assert.deepEqual([...(await advertised(imap))].sort(), Object.keys(probes).sort());
});

for (const [capability, probe] of Object.entries(probes)) {
  test(`${capability} is advertised and works`, async (t) => {
    const allowance = capability.startsWith("QUOTA")
      ? { octets: 10_240, messages: 100 }
      : undefined;
    const house = await openImapHouse(t, {}, allowance);
    await house.deliver(letter);
    using imap = await connectImap(house.port, "ada", "right");
    for (const [command, expected] of probe) {
      const { untagged, status } = await imap.command(command);
      assert.match(`${untagged.toString("latin1")}${status}`, expected, command);
    }
  });
}

test("IDLE and SASL-IR work as advertised, and STARTTLS and AUTH are told as they are", async (t) => {
  const house = await openImapHouse(t, { allowPlaintext: false });
  const socket = house.connect();
  let heard = "";
  socket.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
  const until = async (expected: RegExp): Promise<void> => {
    for (let waited = 0; !expected.test(heard) && waited < 400; waited += 1)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.match(heard, expected);
    heard = "";
  };
  await until(/CAPABILITY (?!.*AUTH=)(?!.*STARTTLS).*LOGINDISABLED/);
  socket.write("a LOGIN ada right\r\n");
  await until(/a NO \[PRIVACYREQUIRED\]/);
  socket.destroy();
  const open = await openImapHouse(t);
  const second = open.connect();
  second.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
  second.write("a AUTHENTICATE PLAIN AGFkYQByaWdodA==\r\nb SELECT INBOX\r\nc IDLE\r\n");
  await until(/a OK[^]*b OK[^]*\+ idling\r\n$/);
  await open.deliver(letter);
  await until(/^\* 1 EXISTS\r\n\* 1 RECENT\r\n$/);
  second.write("DONE\r\n");
  await until(/^c OK/);
  second.destroy();
});
