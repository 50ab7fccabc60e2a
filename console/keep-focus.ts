/** Parts of a screen that have the focus when what had it is gone. A screen reader says their names. */
const PARTS = 'article, section, li, tr, main';

interface Step {
  readonly element: Element;
  readonly next: Element | null;
  readonly former: Element | null;
}

/**
 * Keeps the place of a person who uses the keyboard. A button that is gone or disabled after it was pressed has no focus
 * any more, and the browser gives it to nothing. Then the part around it has the focus, or the next part of a list; and
 * a button that was disabled for a while has it again.
 */
export function keepFocus(root: HTMLElement): void {
  /** The element that had the focus last, and those around it, from the inside. */
  let path: Step[] = [];
  let wasDisabled = false;
  const remember = ({ target }: FocusEvent) => {
    path = [];
    wasDisabled = false;
    for (let at = target as Element | null; at !== null && at !== root; at = at.parentElement)
      path.push({ element: at, next: at.nextElementSibling, former: at.previousElementSibling });
  };
  const restore = () => {
    const [last] = path;
    if (last === undefined) return;
    const element = last.element as HTMLElement;
    if (element.isConnected && element.matches(':disabled')) wasDisabled = true;
    if (!document.hasFocus() || document.activeElement !== document.body) return;
    if (!element.isConnected) focusOn(findPart(path));
    else if (wasDisabled && !element.matches(':disabled')) element.focus();
  };
  root.addEventListener('focusin', remember);
  // A click beside everything takes the focus away on purpose.
  addEventListener('pointerdown', () => (path = []), { capture: true });
  new MutationObserver(restore).observe(root, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['disabled'],
  });
}

function findPart(path: readonly Step[]): Element | undefined {
  const gone = path.findLast(({ element }) => !element.isConnected)!;
  const isPart = (element: Element | null) => element?.isConnected === true && element.matches(PARTS);
  const beside = [gone.next, gone.former].find(
    (each) => isPart(each) && each!.tagName === gone.element.tagName,
  );
  return beside ?? path.find(({ element }) => isPart(element))?.element;
}

function focusOn(part: Element | undefined): void {
  if (!(part instanceof HTMLElement)) return;
  if (!part.hasAttribute('tabindex')) part.tabIndex = -1;
  part.focus();
}
