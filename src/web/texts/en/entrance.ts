// English: sign-up, sign-in, the welcome, and what forms say of their fields.
import { html } from "hono/html";
import type { Html } from "../../html.ts";

export const signUp = {
  title: "Sign up",
  lede: "A name and a password are enough. Say more only if you want a contract in your name.",
  track: "Track",
  pseudonymous: "Without a name",
  contract: "With a contract",
  address: "Your address",
  password: "Password",
  passwordHint:
    "It opens your mail, so make it long: a few words that only you would put together.",
  whoYouAre: "Who you are",
  fullName: "Name",
  postal: "Postal address",
  phone: "Phone",
  email: "E-mail elsewhere",
  emailHint: "Where we reach you when this address does not work.",
  plan: "Plan",
  make: "Make my address",
  kept: "What is kept of this",
  keptOf: (purposes: string, rule: Html | string): Html => html`For: ${purposes}. Kept ${rule}.`,
  keptContract:
    "Your contact data is sealed before it is stored. Only the keeper can open it, for the purposes above.",
  keptPseudonymous:
    "There is no contact data on this track. If the password is lost, nobody can be asked who you are.",
  rest: html`The rest is in <a href="/policy#classes">the policy</a>.`,
};

export const signIn = {
  title: "Sign in",
  lede: "Your password unwraps your key until you sign out.",
  address: "Address",
  password: "Password",
  remember: "Stay signed in on this device",
  rememberWords: html`Sets a cookie that lasts, which is on <a href="/cookies">the register</a>.`,
  enter: "Sign in",
  instead: "Sign up instead",
  lost: "Lost your password?",
};

export const welcome = {
  title: "Your address is ready",
  words:
    "Its key was made just now, and the part of it that opens letters is wrapped under your password. You are signed in. Tell your mail program this:",
  on: "Go on to your mail’s page",
  settings: "Settings for your mail program",
  columns: ["For", "Protocol", "Server", "Port", "Security"],
  userName: (address: string): Html =>
    html`The user name is the whole address, <code>${address}</code>, and the password is yours.`,
};

/** What a form says when it comes back. */
export const forms = {
  summary: "That did not go through",
  tooLong: "Too long.",
  nameForm: "Letters, digits, dots and hyphens, please.",
  nameLong: "At most 64 characters.",
  passwordNeeded: "A password is needed.",
  planNeeded: "Choose a plan.",
  fullNameNeeded: "Your name is needed on this track.",
  postalNeeded: "Your postal address is needed on this track.",
  phoneNeeded: "Your phone number is needed on this track.",
  phoneForm: "A phone number, please.",
  emailNeeded: "An e-mail address where we reach you elsewhere is needed.",
  emailForm: "An e-mail address, please.",
  addressNeeded: "Your address is needed.",
};

/** Why a sign-up was refused, by the refusal. */
export const signUpRefusals = {
  "bad-address": "This name cannot be had. Try letters and digits, or another name.",
  "not-our-domain": "This name cannot be had. Try letters and digits, or another name.",
  "address-taken": "This name is taken.",
  "password-too-short": "Too short to keep your mail closed. Use a few words.",
  "password-too-long": "Longer than we can take.",
  "unknown-plan": "Choose one of these plans.",
  "contact-incomplete": "All four are needed on this track.",
  "too-many": "Too many sign-ups from your network. Wait a few minutes.",
  "keeper-away":
    "The key holder does not answer, and without it no key can be made. Try again in a moment.",
};

/** Why a sign-in was refused, by the refusal. */
export const signInRefusals = {
  wrong: "Address and password do not belong together.",
  suspended: "This account is suspended. Write to us from another address.",
  "too-many": "Too many tries. Wait a few minutes.",
  "not-this-way": "This password is for mail programs. Use your main one here.",
  "key-differs":
    "Your password is right, but the key that our database has for you is not the one that was certified at your sign-up: somebody changed it. Your mail stays closed, and new mail is turned away, until it is put right. Write to us from another address.",
};
