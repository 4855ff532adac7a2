import { useEffect, useRef, useState } from 'preact/hooks';
import { getJson, logins } from '../api/client.ts';
import { listen, resets, type SeenEvent } from '../api/event-stream.ts';
import type { BindingPage } from '../api/types.ts';
import { type Move, moveOf, type Station, stationOf } from './network.ts';

/** More mobile nodes are shown as numbers. */
export const STATIONS_MAXIMUM = 120;
/** The list is asked for again so soon after something happened, and at least so often. */
const SOON_MS = 300;
const LATEST_MS = 15_000;
/** Moves that are under way in the picture. */
const MOVES_MAXIMUM = 24;

export interface Stations {
  /** `undefined` when they are too many to be shown one by one, or not known yet. */
  readonly all: readonly Station[] | undefined;
  readonly moves: readonly (Move & { readonly key: number })[];
}

/** The mobile nodes, moved the moment that an event says so. `role` chooses whose view it is where a node has both. */
export function useStations(role: 'lma' | 'mag'): Stations {
  const [all, setAll] = useState<readonly Station[]>();
  const [moves, setMoves] = useState<Stations['moves']>([]);
  const timer = useRef(0);
  const login = logins.value;
  const reset = resets.value;
  useEffect(() => {
    const abort = new AbortController();
    const load = async () => {
      clearTimeout(timer.current);
      timer.current = 0;
      try {
        const page = await getJson<BindingPage>(`/bindings?role=${role}&limit=${STATIONS_MAXIMUM}`, abort.signal);
        setAll(page.total > STATIONS_MAXIMUM ? undefined : page.items.map(stationOf));
      } catch {
        // The page says elsewhere that the node does not answer.
      }
      if (!abort.signal.aborted) timer.current ||= window.setTimeout(load, LATEST_MS);
    };
    void load();
    const end = listen((events) => {
      const some = events.flatMap((event) => keyedMove(event) ?? []);
      if (some.length > 0) {
        setAll((old) => old && moved(old, some));
        setMoves((old) => [...old, ...some].slice(-MOVES_MAXIMUM));
      }
      if (!events.some(({ kind }) => /^(binding|session)-/.test(kind))) return;
      clearTimeout(timer.current);
      timer.current = window.setTimeout(load, SOON_MS);
    });
    return () => {
      abort.abort();
      end();
      clearTimeout(timer.current);
    };
  }, [role, login, reset]);
  return { all, moves };
}

function keyedMove(event: SeenEvent): (Move & { key: number }) | undefined {
  const move = moveOf(event);
  return move && { ...move, key: event.key };
}

function moved(stations: readonly Station[], moves: readonly Move[]): readonly Station[] {
  const to = new Map(moves.map((move) => [move.nai, move.to]));
  return stations.map((station) => ({ ...station, gateway: to.get(station.nai) ?? station.gateway }));
}
