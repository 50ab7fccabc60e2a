import { FILE_COLUMNS } from '../columns.ts';
import type { ColumnTitle } from '../profile.ts';

/**
 * Titles that mean one column in every system that is known to use them, in lower case: English, German, French, Spanish,
 * Italian, Portuguese, Dutch, Polish, Swedish and Danish. A title with two meanings is missing on purpose: "gross sales"
 * excludes tax at Square and Shopify, "importe bruto" may exclude it, "price" may be that of one piece.
 *
 * Among them are titles of Square's item details (item, qty, net sales), Shopify's order export (lineitem name, lineitem
 * quantity) and sales reports (product title, net items sold, net sales), SumUp's sales report (price net, price gross),
 * and the DSFinV-K of German tills (artikeltext, menge). docs/profiles.md names the sources.
 */
const COMMON_TITLES: Readonly<Record<ColumnTitle, string>> = {
  id: `transaction id, transaction uuid, uuid, row id, line id, transaktions id, transaktionsid, id transaction,
    identifiant, identifiant transaction, identifiant de transaction, id transaccion, identificador, id transazione,
    id transacao, transactie id, id transakcji, identyfikator`,
  transaction_date: `date, sale date, sales date, date of sale, datum, bondatum, belegdatum, verkaufsdatum,
    transaktionsdatum, date de vente, date vente, date de la vente, date transaction, date de transaction, fecha,
    fecha venta, fecha de venta, fecha transaccion, fecha de transaccion, data, data vendita, data di vendita,
    data transazione, data venda, data da venda, data de venda, data da transacao, verkoopdatum, transactiedatum,
    data sprzedazy, data transakcji, forsaljningsdatum, dato, salgsdato, transaktionsdato`,
  category: `transaction category, kategorie, transaktionsart, vorgangsart, categorie, type de transaction, categoria,
    tipo de transaccion, tipo transazione, tipo de transacao, transactietype, kategoria, typ transakcji, kategori,
    transaktionstyp, transaktionstype, transaction type`,
  description: `product, product name, product title, item, item name, item description, article, article name,
    lineitem name, bezeichnung, artikelbezeichnung, artikel, artikelname, artikeltext, produkt, produktname,
    produktbezeichnung, beschreibung, libelle, libelle article, libelle produit, designation, designation article,
    produit, nom du produit, nom produit, nom de l article, descripcion, producto, articulo, nombre del producto,
    nombre producto, nombre del articulo, descrizione, descrizione articolo, prodotto, articolo, nome prodotto,
    nome articolo, descricao, descricao do produto, produto, artigo, nome do produto, nome do artigo, designacao,
    omschrijving, artikelomschrijving, productomschrijving, productnaam, artikelnaam, nazwa, nazwa towaru,
    nazwa produktu, nazwa artykułu, towar, produkt nazwa, benamning, artikelnamn, produktnamn, varunamn, beskrivning,
    beskrivelse, varenavn, vare, produktnavn, varetekst, betegnelse`,
  quantity: `qty, quantity sold, qty sold, units sold, items sold, net items sold, lineitem quantity, menge, anzahl,
    stuck, stuckzahl, quantite, quantite vendue, qte, qte vendue, cantidad, cantidad vendida, unidades, quantita,
    quantita venduta, qta, pezzi, quantidade, quantidade vendida, qtd, qtde, aantal, hoeveelheid, ilosc, antal,
    kvantitet, mængde`,
  amount_excl_tax: `amount ex tax, amount excluding tax, amount excl vat, amount ex vat, amount excluding vat,
    total excl tax, total ex tax, total excluding tax, total excl vat, total ex vat, total excluding vat, excl tax,
    excl vat, net, net amount, net total, total net, net sales, price net, netto, nettobetrag, netto betrag,
    betrag netto, nettoumsatz, umsatz netto, gesamt netto, netto gesamt, summe netto, nettosumme,
    gesamtbetrag netto, gesamtpreis netto, preis netto, montant ht, total ht, prix total ht, ht, montant hors taxe,
    montant hors taxes, total hors taxe, total hors taxes, ca ht, importe sin iva, total sin iva, importe neto,
    total neto, base imponible, imponibile, totale imponibile, importo imponibile, importo netto, totale netto,
    importo senza iva, importo iva esclusa, totale iva esclusa, valor sem iva, total sem iva, montante sem iva,
    base tributavel, bedrag excl btw, totaal excl btw, bedrag exclusief btw, totaal exclusief btw, excl btw,
    omzet excl btw, netto bedrag, nettobedrag, kwota netto, wartosc netto, suma netto, razem netto, belopp exkl moms,
    summa exkl moms, totalt exkl moms, exkl moms, nettobelopp, beløb ekskl moms, total ekskl moms, i alt ekskl moms,
    beløb uden moms, ekskl moms, nettobeløb`,
  amount_inc_tax: `amount incl tax, amount including tax, amount inc vat, amount incl vat, amount including vat,
    total inc tax, total incl tax, total including tax, total inc vat, total incl vat, total including vat, inc tax,
    incl tax, inc vat, incl vat, gross, gross amount, gross total, total gross, price gross, brutto, bruttobetrag,
    brutto betrag, betrag brutto, bruttoumsatz, umsatz brutto, gesamt brutto, brutto gesamt, summe brutto,
    bruttosumme, gesamtbetrag brutto, gesamtpreis brutto, preis brutto, montant ttc, total ttc, prix total ttc, ttc,
    montant toutes taxes comprises, ca ttc, importe con iva, total con iva, importe iva incluido, total iva incluido,
    importo lordo, totale lordo, importo ivato, totale ivato, importo con iva, totale con iva, importo iva inclusa,
    totale iva inclusa, valor com iva, total com iva, montante com iva, bedrag incl btw, totaal incl btw,
    bedrag inclusief btw, totaal inclusief btw, incl btw, omzet incl btw, brutobedrag, bruto bedrag, kwota brutto,
    wartosc brutto, suma brutto, razem brutto, belopp inkl moms, summa inkl moms, totalt inkl moms, inkl moms,
    bruttobelopp, beløb inkl moms, total inkl moms, i alt inkl moms, beløb med moms, bruttobeløb`,
  tax_rate: `tax rate %, vat rate, vat rate %, steuersatz, steuersatz %, mwst satz, ust satz, taux tva, taux de tva, tipo iva,
    tipo de iva, aliquota iva, taxa iva, taxa de iva, btw tarief, stawka vat, momssats`,
};

/** Currencies behind a title, as in "Montant HT (€)". */
const CURRENCY = / (?:[€$£]|eur|usd|gbp|chf|pln|sek|dkk|zł|kr)$/;

/** Makes titles equal that differ in case, accents, punctuation, blanks and a currency at the end. */
export function normalizeTitle(title: string): string {
  return title
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replace(/[\s_\-./:()[\]]+|(?<=\p{L})['’](?=\p{L})/gu, ' ')
    .trim()
    .replace(CURRENCY, '');
}

/** Index in {@link FILE_COLUMNS} of each common title. */
export const COMMON_COLUMN_OF: ReadonlyMap<string, number> = new Map(
  FILE_COLUMNS.flatMap(({ titles }, index) =>
    [...titles, ...COMMON_TITLES[titles[0]].split(',')].map(
      (title) => [normalizeTitle(title), index] as const,
    ),
  ),
);
