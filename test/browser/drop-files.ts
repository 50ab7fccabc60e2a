import type { Locator, Page } from 'playwright-core';

export const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
export const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
export const row = (number: number, category = 'SELL', name = 'Soap', quantity = '1') =>
  `${idOf(number)},${category},${name},${quantity},1.00,1.20`;
export const csv = (...rows: string[]) => [HEADER, ...rows, ''].join('\n');

interface TestFile {
  readonly name: string;
  readonly text: string;
}

/** Drops files on the page, as a person does. */
export async function dropFiles(page: Page, files: readonly TestFile[]): Promise<void> {
  await page.getByRole('button', { name: 'Choose files' }).and(page.locator(':enabled')).waitFor();
  const data = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer();
    for (const { name, text } of given) transfer.items.add(new File([text], name));
    return transfer;
  }, files);
  await page.dispatchEvent('body', 'dragover', { dataTransfer: data });
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
}

export const cardOf = (page: Page, name: string): Locator => page.getByRole('article', { name });

export const send = (page: Page, name: string) =>
  cardOf(page, name).getByRole('button', { name: 'Send', exact: true }).click();
