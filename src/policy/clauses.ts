// The policy as its readers meet it: each clause in plain words, and what in the program enforces it. The page, the digest
// and the machine-readable form come from here, so that text and program cannot drift apart.

export interface Clause {
  readonly id: string;
  readonly title: string;
  readonly words: string;
  readonly enforcedBy: string;
}

export const clauses: readonly Clause[] = [
  {
    id: "visitors",
    title: "Visiting",
    words:
      "You can read this site without telling us who you are. We count three facts about a visit: the domain of your internet provider, the hour, and the page. They are added to counters; there is no record of your visit as such, no address, no browser name, no search terms.",
    enforcedBy:
      "The counter's type has three fields and the tables have no others. Your address stays in memory and is never written.",
  },
  {
    id: "cookies",
    title: "Cookies",
    words:
      "A cookie is set only when you sign in, ask to be remembered, or choose a language or theme. Each one is on a published register with its purpose and its life.",
    enforcedBy:
      "One piece of code may set cookies, and it refuses every name that is not on the register.",
  },
  {
    id: "contact",
    title: "Who you are",
    words:
      "What you tell us about yourself is used to set up your service and to support you as our client, and for nothing else. There is no marketing purpose, so it cannot be used for marketing.",
    enforcedBy:
      "It is sealed to a key that only the keeper holds, and the keeper opens it for listed purposes only.",
  },
  {
    id: "payment",
    title: "Payment",
    words:
      "Payment data is used to process payments. We never hold a card number. Others may see it only where a legal instrument names it.",
    enforcedBy:
      "Its class lists one purpose besides your own view; every other request is refused by the keeper whoever asks.",
  },
  {
    id: "account",
    title: "Status, services and logs",
    words:
      "While you are our client we keep your account's status, the services you chose, and a log of sign-ins, deliveries, changes and looks by people. You see that log word for word, and its days are destroyed when their time is over.",
    enforcedBy:
      "Each day of the log is sealed to a key of its own; destroying the key is how it ends.",
  },
  {
    id: "content",
    title: "Your mail",
    words:
      "We store your mail because delivering it needs that. It is sealed to your key the moment it arrives, and your own password is what opens it. Nobody here reads it in the ordinary course of things.",
    enforcedBy: "The server that receives mail holds only the public half of your key.",
  },
  {
    id: "account-disclosure",
    title: "When others may learn who you are",
    words:
      "Two grounds only. D1: it is necessary to identify, contact or take legal action against someone who may be harming, or interfering with the rights or property of, us, our clients or others. D2: we believe in good faith that the law requires it.",
    enforcedBy:
      "The keeper's table of grounds, two approvals by different people, and an entry in the public log before anything is opened.",
  },
  {
    id: "content-disclosure",
    title: "When others may see your mail",
    words:
      "Four grounds only. E1: it is necessary to provide the service to you, and you approve the case. E2: it is necessary to protect both our legitimate interests and you. E3: an interception order, warrant or other legal process that we ourselves determined to be valid and enforceable. E4: to a law enforcement agency, contents that we came upon inadvertently and that appear to concern a crime.",
    enforcedBy:
      "The keeper opens exactly the messages that the grant names, after the entry in the public log is durable.",
  },
  {
    id: "review",
    title: "Harm",
    words:
      "We do not censor and we do not watch. When something is reported, or breaks our terms of use, we may review the named messages, delete them or block access, and we give you the reasons and an appeal to another person.",
    enforcedBy:
      "A review needs a grant with a report or a clause; there are at most three of one client in thirty days, and no job or rule can hold one.",
  },
  {
    id: "seen",
    title: "You see who looked",
    words:
      "Every look by a person at anything of yours stands on your own page: when, on which ground, how much. A look that a legal prohibition keeps closed is already in the public log and is opened to you when the prohibition ends.",
    enforcedBy:
      "No entry, no key: the keeper writes to a tamper-evident log before it opens anything.",
  },
];
