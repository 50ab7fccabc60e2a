/**
 * Gives a browser another language if it names one that `Intl` refuses. A library of the page passes the name on, and would
 * not start (uPlot). WebKitGTK has the name from the system: in the locale C.UTF-8 it is "C".
 */
export function repairLanguage(browser: { readonly language: string }): void {
  try {
    Intl.getCanonicalLocales(browser.language);
  } catch {
    const { locale } = new Intl.NumberFormat().resolvedOptions();
    Object.defineProperty(browser, 'language', { value: locale });
  }
}
