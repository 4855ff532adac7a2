import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

interface PageProps {
  readonly title: string;
  /** What this is, for who sees it the first time. */
  readonly about?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Page({ title, about, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Mooring`;
  }, [title]);
  return (
    <>
      <div class="heading">
        <div>
          <h1 tabIndex={-1}>{title}</h1>
          {about !== undefined && <p class="muted about">{about}</p>}
        </div>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </div>
      {children}
    </>
  );
}

interface CardProps {
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of a page. */
export function Card({ title, note, children }: CardProps) {
  return (
    <section class="card" aria-label={title}>
      <div class="card-heading">
        <h2>{title}</h2>
        {note !== undefined && <span class="muted">{note}</span>}
      </div>
      {children}
    </section>
  );
}
