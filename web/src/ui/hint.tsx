import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';

interface HintProps {
  /** What the word means. */
  readonly text: string;
  /** `sign` where the word itself does something else, and a sign beside it tells what it means. */
  readonly as?: 'word' | 'sign';
  readonly children: ComponentChildren;
}

/** Of a hint, from its word and from the edges of the page, in pixels. */
const DISTANCE = 6;

/** A word with what it means, which is shown when it is pointed at, tapped, or reached with the keyboard. Screen readers read it after the word. */
export function Hint({ text, as = 'word', children }: HintProps) {
  const id = useId();
  const word = useRef<HTMLButtonElement>(null);
  const note = useRef<HTMLSpanElement>(null);
  const show = () => word.current && note.current && showBeside(note.current, word.current);
  const hide = () => note.current?.hidePopover();
  return (
    <>
      <button
        type="button"
        class={`hint ${as}`}
        ref={word}
        aria-describedby={id}
        onPointerEnter={show}
        onPointerLeave={({ pointerType }) => pointerType === 'mouse' && hide()}
        onFocus={show}
        onBlur={hide}
        onClick={show}
      >
        {children}
      </button>
      <span popover="auto" role="tooltip" class="meaning" id={id} ref={note}>
        {text}
      </span>
    </>
  );
}

/** Below the word, or above it where there is no room, until something scrolls. */
function showBeside(note: HTMLElement, word: HTMLElement): void {
  if (note.matches(':popover-open')) return;
  note.showPopover();
  const { left, top, bottom } = word.getBoundingClientRect();
  const furthest = window.innerWidth - note.offsetWidth - DISTANCE;
  const below = bottom + DISTANCE;
  const isRoom = below + note.offsetHeight < window.innerHeight;
  note.style.left = `${Math.max(DISTANCE, Math.min(left, furthest))}px`;
  note.style.top = `${isRoom ? below : top - note.offsetHeight - DISTANCE}px`;
  addEventListener('scroll', () => note.hidePopover(), { once: true, capture: true });
}
