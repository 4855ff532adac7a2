import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { getJson, logins } from '../api/client.ts';
import { listen, resets } from '../api/event-stream.ts';
import type { Binding, BindingPage } from '../api/types.ts';
import { PagedRows } from '../bindings/paged-rows.ts';
import { formatMinute, formatNumberOf } from '../format.ts';
import { hrefOf, location, replaceQuery } from '../router.ts';
import { Page } from '../ui/page.tsx';
import { Empty, Failed, Loading } from '../ui/state.tsx';
import { Term, TermMark, type TermName } from '../ui/terms.tsx';
import { type Column, VirtualRows } from '../ui/virtual-rows.tsx';

type Sort = 'nai' | 'mac' | 'address' | 'peer' | 'registered';

interface Question {
  readonly q: string;
  readonly sort: Sort;
  readonly order: 'asc' | 'desc';
}

const ROW_HEIGHT = 40;
/** What is typed counts when nothing more is typed for so long. */
const TYPED_MS = 200;
/** The list is asked for again at most so often while bindings come and go. */
const REFRESH_MS = 2000;

export function BindingsPage() {
  const [question, setQuestion] = useState(questionOf(location.value.query));
  const rows = useRows(question);
  const ask = (change: Partial<Question>) => {
    const next = { ...question, ...change };
    setQuestion(next);
    replaceQuery(new URLSearchParams(Object.entries(next).filter(([, value]) => value !== '')));
  };
  const total = rows.total.value;
  return (
    <Page
      title="Bindings"
      about={
        <>
          Which mobile nodes are attached, with which addresses, behind which gateway (<Term name="MAG" />
          ).
        </>
      }
    >
      <div class="filter">
        <Search text={question.q} onText={(q) => ask({ q })} />
        <span class="muted" role="status">
          {total === undefined
            ? ''
            : formatNumberOf(
                total,
                question.q === '' ? 'binding' : 'binding found',
                question.q === '' ? 'bindings' : 'bindings found',
              )}
        </span>
      </div>
      <Rows rows={rows} question={question} ask={ask} />
    </Page>
  );
}

function Rows({
  rows,
  question,
  ask,
}: {
  rows: PagedRows<Binding>;
  question: Question;
  ask: (change: Partial<Question>) => void;
}) {
  const onView = useCallback((first: number, count: number) => rows.show(first, count), [rows]);
  const total = rows.total.value;
  const error = rows.error.value;
  if (error && total === undefined) return <Failed error={error} retry={() => rows.refresh()} />;
  if (total === undefined) return <Loading what="bindings" />;
  if (total === 0) return <NoRows searched={question.q !== ''} />;
  void rows.version.value;
  return (
    <>
      {error && (
        <p class="complaint" role="alert">
          What is shown may be old: {error.message}
        </p>
      )}
      <VirtualRows
        label="Bindings"
        class="bindings"
        total={total}
        rowHeight={ROW_HEIGHT}
        columns={columnsOf(question, ask)}
        cells={(index) => cellsOf(rows.row(index))}
        onView={onView}
      />
    </>
  );
}

function NoRows({ searched }: { readonly searched: boolean }) {
  if (searched)
    return (
      <Empty title="No binding has this text">In its name, link-layer address, home address, prefix or gateway.</Empty>
    );
  return (
    <Empty title="No mobile node is attached">
      A binding appears here as soon as a gateway registers a mobile node. <code>mooring doctor</code> finds what is in
      the way.
    </Empty>
  );
}

function Search({ text, onText }: { readonly text: string; readonly onText: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => onText(typed), TYPED_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <input
      type="search"
      aria-label="Search bindings"
      placeholder="Name, MAC, address or gateway"
      maxLength={253}
      value={typed}
      onInput={(event) => setTyped(event.currentTarget.value.trim())}
    />
  );
}

/** The rows of a question; asked for again when bindings come and go. */
function useRows({ q, sort, order }: Question): PagedRows<Binding> {
  const login = logins.value;
  const reset = resets.value;
  const rows = useMemo(
    () =>
      new PagedRows<Binding>((offset, limit, abort) => {
        const query = new URLSearchParams({
          sort,
          order,
          limit: `${limit}`,
          offset: `${offset}`,
          ...(q !== '' && { q }),
        });
        return getJson<BindingPage>(`/bindings?${query}`, abort);
      }),
    [q, sort, order, login, reset],
  );
  useEffect(() => {
    let timer = 0;
    const end = listen((events) => {
      if (timer !== 0 || !events.some(({ kind }) => changesBindings(kind))) return;
      timer = window.setTimeout(() => {
        timer = 0;
        rows.refresh();
      }, REFRESH_MS);
    });
    return () => {
      end();
      clearTimeout(timer);
      rows.close();
    };
  }, [rows]);
  return rows;
}

function changesBindings(kind: string): boolean {
  return kind.startsWith('binding-') || kind.startsWith('session-');
}

interface ColumnOfBindings {
  readonly key: string;
  readonly head: string;
  readonly term?: TermName;
  readonly sort?: Sort;
}

const COLUMNS: readonly ColumnOfBindings[] = [
  { key: 'nai', head: 'Mobile node', sort: 'nai' },
  { key: 'address', head: 'Home address', term: 'home address', sort: 'address' },
  { key: 'prefix', head: 'IPv6 prefix', term: 'prefix' },
  { key: 'peer', head: 'Gateway', sort: 'peer' },
  { key: 'state', head: 'State' },
  { key: 'mac', head: 'MAC address', sort: 'mac' },
  { key: 'registered', head: 'Since', sort: 'registered' },
];

function columnsOf({ sort, order }: Question, ask: (change: Partial<Question>) => void): Column[] {
  return COLUMNS.map(({ key, head, term, sort: by }) => {
    if (by === undefined) return { key, head: term ? <Term name={term}>{head}</Term> : head };
    const sorted = by !== sort ? 'none' : order === 'asc' ? 'ascending' : 'descending';
    const next = sorted === 'ascending' ? 'desc' : 'asc';
    return {
      key,
      sorted,
      head: (
        <>
          <button type="button" class="sort" onClick={() => ask({ sort: by, order: next })}>
            {head}
            <span aria-hidden="true">{sorted === 'ascending' ? ' ↑' : sorted === 'descending' ? ' ↓' : ''}</span>
          </button>
          {term && <TermMark name={term} />}
        </>
      ),
    };
  });
}

function cellsOf(binding: Binding | undefined) {
  if (!binding) return undefined;
  const { nai, hoa, hnps, state, llid, role } = binding;
  return [
    <a href={hrefOf('mn', nai)} title={nai}>
      {nai}
    </a>,
    hoa ?? '–',
    hnps.join(', ') || '–',
    role === 'lma' ? binding.peer : binding.node,
    <span class={`badge ${toneOf(state)}`}>{state.toLowerCase().replaceAll('_', ' ')}</span>,
    llid === '' ? '–' : llid,
    role === 'lma' ? formatMinute(binding.registeredAt) : '–',
  ];
}

/** How good a state of a binding is. */
export function toneOf(state: string): 'good' | 'wait' {
  return state.toLowerCase() === 'active' ? 'good' : 'wait';
}

function questionOf(query: URLSearchParams): Question {
  const sort = COLUMNS.find(({ sort }) => sort !== undefined && sort === query.get('sort'))?.sort ?? 'nai';
  return { q: query.get('q') ?? '', sort, order: query.get('order') === 'desc' ? 'desc' : 'asc' };
}
