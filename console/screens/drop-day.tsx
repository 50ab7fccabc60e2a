import { useId, useState } from 'preact/hooks';
import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { showText } from '../show-text.ts';
import { nameToSend } from './drop-files.ts';
import { isWithin, lacksDate } from './drop-name.ts';
import { checkAgain, type DropItem } from './drop-queue.ts';

/** True for a file that has the day that the person chooses, until it is sent. */
export function hasDayField({ days, state }: DropItem): boolean {
  return days !== undefined && state.kind !== 'sent';
}

/** True for a file that is refused until the person has chosen its day. */
export function needsDay(item: DropItem): boolean {
  return hasDayField(item) && item.day === undefined && lacksDate(item.verdicts);
}

/** Asks for the day of a file that has no date. The file is checked again with each choice, under a name with the day. */
export function DayField({ item }: { readonly item: DropItem }) {
  const { id, file, fileName, day, days, state, verdicts } = item;
  // What is typed may not be a day yet.
  const [written, setWritten] = useState(day ?? '');
  const hintId = useId();
  if (days === undefined) return null;
  const isOutside = written !== '' && !isWithin(written, days);
  const choose = (value: string) => {
    setWritten(value);
    const chosen = value !== '' && isWithin(value, days) ? value : undefined;
    if (chosen !== day) checkAgain(id, { day: chosen });
  };
  const unread = (day === undefined && verdicts[0]?.format.unknownColumns) || [];
  return (
    <div class="stack day-field">
      <label class="field">
        Which day are these sales from?
        <input
          type="date"
          value={written}
          min={days.first}
          max={days.last}
          disabled={state.kind === 'ready-to-send' || state.kind === 'sending'}
          aria-invalid={isOutside}
          aria-describedby={hintId}
          onChange={(event) => choose(event.currentTarget.value)}
        />
      </label>
      <p id={hintId} class="small muted" role="status">
        {isOutside ? (
          `Choose a day from ${format.day(days.first)} to ${format.day(days.last)}.`
        ) : day === undefined || fileName === nameToSend(file) ? (
          `The name of the file does not say it${unread.length > 0 ? '' : ', and no column does'}.`
        ) : (
          <>
            The file is sent as <bdi>{showText(fileName, 200)}</bdi>.
          </>
        )}
      </p>
      {unread.length > 0 && (
        <p class="verdict-line warn small">
          <Icon name="info" />
          <span>
            {unread.length === 1 ? 'The column ' : 'The columns '}
            {showText(unread.map((title) => `“${title}”`).join(', '), 300)}{' '}
            {unread.length === 1 ? 'is not read. If it says' : 'are not read. If one of them says'} the days
            of the rows, give it the title transaction_date, and drop the file again.
          </span>
        </p>
      )}
    </div>
  );
}
