/** ISO 4217. In the code, since what a file gives must not change with the runtime's own list. */
const CODES = `
  AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
  CAD CDF CHF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
  GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
  KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO
  NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL
  SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST
  XAF XCD XCG XDR XOF XPF XSU YER ZAR ZMW ZWG ZWL
`;
/** What people write beside codes and signs. */
const ABBREVIATIONS = ['kr', 'zł', 'kč', 'ft', 'fr', 'lei'];
const CURRENCIES = new Set([...CODES.trim().split(/\s+/), ...ABBREVIATIONS]);

/** Whether the text names a currency: by a sign of Unicode, a code or an abbreviation. */
export function isCurrency(text: string): boolean {
  return /^\p{Sc}$/u.test(text) || CURRENCIES.has(text) || CURRENCIES.has(text.toLowerCase());
}
