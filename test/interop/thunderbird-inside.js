// What a test has Thunderbird do, in Thunderbird's own words: this text runs inside it, with its privileges. Each function waits for
// Thunderbird to say that it is done, and gives plain values. Nothing here talks to the server but through Thunderbird.
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");

const flagsOf = Ci.nsMsgMessageFlags;

function server() {
  return MailServices.accounts.accounts.find(({ incomingServer }) => incomingServer.type === "imap")
    .incomingServer;
}

function folderOf(name) {
  const found = server().rootFolder.descendants.find((folder) => folder.name === name);
  if (found === undefined) throw new Error(`no folder ${name}`);
  return found;
}

function letterOf(folder, subject) {
  const found = [...folder.messages].find((each) => each.mime2DecodedSubject === subject);
  if (found === undefined) throw new Error(`no letter about ${subject}`);
  return found;
}

/** Asks again and again until the answer is neither undefined nor false. */
async function until(what, ask) {
  for (let tries = 0; tries < 400; tries += 1) {
    const answer = ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((later) => setTimeout(later, 50));
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Resolves when a running URL has ended well. */
function urlEnd(start) {
  return new Promise((done, failed) => {
    start({
      QueryInterface: ChromeUtils.generateQI(["nsIUrlListener"]),
      OnStartRunningUrl() {},
      OnStopRunningUrl(_url, status) {
        if (Components.isSuccessCode(status)) done();
        else failed(new Error(`status ${status.toString(16)}`));
      },
    });
  });
}

/** Resolves when a copy, move or append has ended well. */
function copyEnd(start) {
  return new Promise((done, failed) => {
    start({
      QueryInterface: ChromeUtils.generateQI(["nsIMsgCopyServiceListener"]),
      onStartCopy() {},
      onProgress() {},
      setMessageKey() {},
      getMessageId: () => null,
      onStopCopy(status) {
        if (Components.isSuccessCode(status)) done();
        else failed(new Error(`status ${status.toString(16)}`));
      },
    });
  });
}

// oxlint-disable-next-line no-unused-vars -- what calls it is put behind this text
const inside = {
  /** Saves the password and trusts the certificate (base64 of its DER) on these ports, as the two dialogues do; gives the version. */
  async trust({ address, password, certificate, ports }) {
    const origins = ["imap://127.0.0.1", "smtp://127.0.0.1"];
    for (const origin of origins) {
      const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
      login.init(origin, null, origin, address, password, "", "");
      await Services.logins.addLoginAsync(login);
    }
    const database = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
    const overrides = Cc["@mozilla.org/security/certoverride;1"].getService(
      Ci.nsICertOverrideService,
    );
    for (const port of ports)
      overrides.rememberValidityOverride(
        "127.0.0.1",
        port,
        {},
        database.constructX509FromBase64(certificate),
        false,
      );
    return Services.appinfo.version;
  },

  /** Asks the address's domain for settings, as the dialogue for a new account does, and makes the account; gives what it found. */
  async configure(address, password) {
    const from = (name) =>
      ChromeUtils.importESModule(`resource:///modules/accountcreation/${name}.sys.mjs`);
    const { FetchConfig } = from("FetchConfig");
    const { AccountConfig } = from("AccountConfig");
    const { CreateInBackend } = from("CreateInBackend");
    const [, domain] = address.split("@");
    const found = await FetchConfig.fromISP(domain, address, new AbortController().signal);
    AccountConfig.replaceVariables(found, "Alice", address, password);
    await CreateInBackend.createAccountInBackend(found);
    const shown = ({ type, hostname, port, socketType }) => [type, hostname, port, socketType];
    return {
      incoming: shown(found.incoming),
      outgoing: shown(found.outgoing),
      user: found.incoming.username,
    };
  },

  /** Signs in and lists the folders: name and what Thunderbird takes them for. */
  async folders(count) {
    await urlEnd((listener) =>
      MailServices.imap.discoverAllFolders(server().rootFolder, listener, null),
    );
    const found = await until("folders", () => {
      const all = server().rootFolder.descendants;
      return all.length >= count && all;
    });
    const uses = ["SentMail", "Trash", "Drafts", "Archive", "Junk", "Inbox"];
    return found.map((folder) => {
      const use = uses.find((flag) => (folder.flags & Ci.nsMsgFolderFlags[flag]) !== 0);
      return `${folder.name} ${use ?? ""}`;
    });
  },

  /** Opens a folder and lists what Thunderbird holds of it then. */
  async open(name) {
    const folder = folderOf(name);
    await urlEnd((listener) => MailServices.imap.selectFolder(folder, listener, null));
    return [...folder.messages].map((each) => each.mime2DecodedSubject);
  },

  /** Waits, asking nothing of the server, until a letter is in the folder. */
  async awaitLetter(name, subject) {
    const folder = folderOf(name);
    await until(`a letter about ${subject}`, () =>
      [...folder.messages].some((each) => each.mime2DecodedSubject === subject),
    );
  },

  /** The letter's octets as Thunderbird gives them to whoever shows the letter, one character each. */
  async read(name, subject) {
    const folder = folderOf(name);
    const uri = folder.getUriForMsg(letterOf(folder, subject));
    return new Promise((done, failed) => {
      let text = "";
      const listener = {
        QueryInterface: ChromeUtils.generateQI(["nsIStreamListener", "nsIRequestObserver"]),
        onStartRequest() {},
        onDataAvailable(_request, stream, _offset, count) {
          const reader = Cc["@mozilla.org/binaryinputstream;1"].createInstance(
            Ci.nsIBinaryInputStream,
          );
          reader.setInputStream(stream);
          text += reader.readBytes(count);
        },
        onStopRequest(_request, status) {
          if (Components.isSuccessCode(status)) done(text);
          else failed(new Error(`status ${status.toString(16)}`));
        },
      };
      MailServices.messageServiceFromURI(uri).streamMessage(uri, listener, null, null, false, "");
    });
  },

  /** Sets or clears the star, the tag and the read mark. */
  async mark(name, subject, on) {
    const folder = folderOf(name);
    const letter = letterOf(folder, subject);
    folder.markMessagesFlagged([letter], on);
    folder.markMessagesRead([letter], on);
    if (on) folder.addKeywordsToMessages([letter], "$label1");
    else folder.removeKeywordsFromMessages([letter], "$label1");
  },

  /** How Thunderbird sees the letter's marks. */
  async marks(name, subject) {
    const letter = letterOf(folderOf(name), subject);
    return {
      star: letter.isFlagged,
      read: letter.isRead,
      answered: (letter.flags & flagsOf.Replied) !== 0,
      keywords: letter.getStringProperty("keywords"),
    };
  },

  /** Has the server search the folder's bodies; gives the subjects that it found. */
  async searchBodies(name, word) {
    const session = Cc["@mozilla.org/messenger/searchSession;1"].createInstance(
      Ci.nsIMsgSearchSession,
    );
    session.addScopeTerm(Ci.nsMsgSearchScope.onlineMail, folderOf(name));
    const term = session.createTerm();
    term.attrib = Ci.nsMsgSearchAttrib.Body;
    term.op = Ci.nsMsgSearchOp.Contains;
    const { value } = term;
    value.attrib = term.attrib;
    value.str = word;
    term.value = value;
    session.appendTerm(term);
    const found = [];
    return new Promise((done, failed) => {
      session.registerListener({
        QueryInterface: ChromeUtils.generateQI(["nsIMsgSearchNotify"]),
        onSearchHit: (letter) => found.push(letter.mime2DecodedSubject),
        onSearchDone(status) {
          if (Components.isSuccessCode(status)) done(found);
          else failed(new Error(`status ${status.toString(16)}`));
        },
        onNewSearch() {},
      });
      session.search(null);
    });
  },

  /** Appends a file's letter to a folder. */
  async append(name, path) {
    const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
    file.initWithPath(path);
    await copyEnd((listener) =>
      MailServices.copy.copyFileMessage(
        file,
        folderOf(name),
        null,
        false,
        flagsOf.Read,
        "",
        listener,
        null,
      ),
    );
  },

  /** Copies or moves a letter to another folder. */
  async transfer(from, subject, to, isMove) {
    const letter = letterOf(folderOf(from), subject);
    await copyEnd((listener) =>
      MailServices.copy.copyMessages(
        folderOf(from),
        [letter],
        folderOf(to),
        isMove,
        listener,
        null,
        false,
      ),
    );
  },

  /** Deletes a letter: into the wastebasket, or for good. */
  async remove(name, subject, forGood) {
    const folder = folderOf(name);
    const letter = letterOf(folder, subject);
    folder.deleteMessages([letter], null, forGood, false, null, false);
    await until(
      "the letter to go",
      () => ![...folder.messages].some((each) => each.messageId === letter.messageId),
    );
  },

  /** Really takes away what is marked as deleted. */
  async expunge(name) {
    await urlEnd((listener) => folderOf(name).compact(listener, null));
  },

  /** Ends every connection, and from the next one on asks for changes by CONDSTORE (RFC 7162) instead of for every flag. */
  async useCondstore() {
    Services.prefs.setBoolPref(`mail.server.${server().key}.use_condstore`, true);
    server().closeCachedConnections();
  },

  /** Waits, asking nothing of the server, until the letter is read or has a star. */
  async awaitMarks(name, subject, { read, star }) {
    await until("the marks", () => {
      const letter = letterOf(folderOf(name), subject);
      return letter.isRead === read && letter.isFlagged === star;
    });
  },

  /** Makes a folder. */
  async makeFolder(name) {
    server().rootFolder.createSubfolder(name, null);
    await until("the new folder", () =>
      server().rootFolder.descendants.some((folder) => folder.name === name),
    );
  },

  /** Answers a letter in a compose window, and sends it. */
  async reply(name, subject, text) {
    const folder = folderOf(name);
    const letter = letterOf(folder, subject);
    const identity = MailServices.accounts.getAccount("account1").defaultIdentity;
    const opened = new Promise((done) => {
      Services.ww.registerNotification(function observe(window, topic) {
        if (topic !== "domwindowopened") return;
        Services.ww.unregisterNotification(observe);
        window.addEventListener("compose-editor-ready", () => done(window), { once: true });
      });
    });
    MailServices.compose.OpenComposeWindow(
      null,
      letter,
      folder.getUriForMsg(letter),
      Ci.nsIMsgCompType.ReplyToSender,
      Ci.nsIMsgCompFormat.PlainText,
      identity,
      null,
      null,
    );
    const window = await opened;
    window.gMsgCompose.editor.insertText(text);
    const closed = new Promise((done) => window.addEventListener("unload", done, { once: true }));
    window.goDoCommand("cmd_sendNow");
    await closed;
  },
};
