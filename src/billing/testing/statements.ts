// Bank statements for tests, in the two forms of camt.053 that banks send most, written from the standard's element names.

export interface Booked {
  readonly cents: number;
  readonly currency?: string;
  /** Structured, as ISO 11649. */
  readonly reference?: string;
  /** Free text. */
  readonly words?: string;
  readonly bankReference?: string;
  readonly day?: string;
  readonly indicator?: "CRDT" | "DBIT";
  readonly reversal?: boolean;
  readonly status?: "BOOK" | "PDNG";
}

export type Version = "02" | "08";

export function statement(version: Version, entries: readonly (Booked | string)[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}">
  <BkToCstmrStmt>
    <GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-03-31T20:00:00+02:00</CreDtTm></GrpHdr>
    <Stmt>
      <Id>S-1</Id><ElctrncSeqNb>12</ElctrncSeqNb><CreDtTm>2026-03-31T20:00:00+02:00</CreDtTm>
      <Acct><Id><IBAN>GB82WEST12345698765432</IBAN></Id><Ccy>EUR</Ccy></Acct>
      <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-31</Dt></Dt></Bal>
${entries.map((one) => (typeof one === "string" ? one : entry(version, one))).join("\n")}
    </Stmt>
  </BkToCstmrStmt>
</Document>`;
}

export function entry(version: Version, booked: Booked): string {
  const {
    cents,
    currency = "EUR",
    day = "2026-03-31",
    indicator = "CRDT",
    status = "BOOK",
  } = booked;
  const amount = `<Amt Ccy="${currency}">${(cents / 100).toFixed(2)}</Amt>`;
  const inside =
    version === "02"
      ? `<AmtDtls><TxAmt>${amount}</TxAmt></AmtDtls>`
      : `${amount}<CdtDbtInd>${indicator}</CdtDbtInd>`;
  const remittance = [
    booked.words === undefined ? "" : `<Ustrd>${booked.words}</Ustrd>`,
    booked.reference === undefined
      ? ""
      : `<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry><Issr>ISO</Issr></Tp><Ref>${booked.reference}</Ref></CdtrRefInf></Strd>`,
  ].join("");
  return `      <Ntry>
        ${amount}<CdtDbtInd>${indicator}</CdtDbtInd>${booked.reversal === true ? "<RvslInd>true</RvslInd>" : ""}
        <Sts>${version === "02" ? status : `<Cd>${status}</Cd>`}</Sts>
        <BookgDt><Dt>${day}</Dt></BookgDt><ValDt><Dt>${day}</Dt></ValDt>
        ${booked.bankReference === undefined ? "" : `<AcctSvcrRef>${booked.bankReference}</AcctSvcrRef>`}
        <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
        <NtryDtls><TxDtls>
          <Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>${inside}
          <RltdPties><Dbtr>${version === "02" ? "<Nm>Ada &amp; Son</Nm>" : "<Pty><Nm>Ada &amp; Son</Nm></Pty>"}</Dbtr></RltdPties>
          ${remittance === "" ? "" : `<RmtInf>${remittance}</RmtInf>`}
        </TxDtls></NtryDtls>
      </Ntry>`;
}
