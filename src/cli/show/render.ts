import type { AaaServersView } from '#daemon/aaa/aaa-servers-view.ts';
import type { StateReport } from '#daemon/durable-state.ts';
import type { LogView } from '#daemon/log-buffer.ts';
import type { DomainView } from '#proto/aaa/domain-loader.ts';
import { renderAaaDomains } from './aaa-domains.ts';
import { renderAaaServers } from './aaa-servers.ts';
import { type AccessListRow, renderAccessLists } from './access-list.ts';
import { type ClientView, renderClientDetail } from './client-detail.ts';
import { controllerBindingText } from './controller-binding.ts';
import { type DataplaneView, renderDataplane } from './dataplane.ts';
import { dhcpBindingText } from './dhcp-binding.ts';
import { type DhcpProxyRow, renderDhcpProxy } from './dhcp-proxy.ts';
import { type HeartbeatView, renderHeartbeats } from './heartbeat.ts';
import { type InterfaceRow, renderInterfaceSummary, renderIpv6Interfaces } from './interface.ts';
import { type BindingCount, type ListText, listText, renderBindingCount } from './layout.ts';
import { lmaBindingText } from './lma-binding.ts';
import { type LmaGlobals, renderLmaGlobals } from './lma-globals.ts';
import { type LmaStatsRow, renderLmaStats } from './lma-stats.ts';
import { type Ipv4PoolRow, type Ipv6PoolRow, renderIpv4Pools, renderIpv6Pools } from './local-pool.ts';
import { renderLogging } from './logging.ts';
import { magBindingText } from './mag-binding.ts';
import { type MagGlobals, renderMagGlobals } from './mag-globals.ts';
import { type MagStatsRow, renderMagStats } from './mag-stats.ts';
import { type PeerStatsView, renderPeerStats } from './peer-stats.ts';
import type { ListQuery, ShowQuery } from './query.ts';
import { routeMapText } from './route-map.ts';
import { type RouteView, renderRouteSummary } from './route-summary.ts';
import { renderStore } from './store.ts';
import { renderTunnels, type TunnelView } from './tunnel.ts';
import { renderVersion, type VersionView } from './version.ts';
import { renderVrfs, type VrfRow } from './vrf.ts';

/** The daemon is of the same version as this program, and answers each query with what its renderer takes. */
const RENDERERS: Readonly<Record<Exclude<ShowQuery, ListQuery>, (result: never) => string>> = {
  'lma-binding-count': (count: BindingCount) => renderBindingCount(count),
  'lma-globals': (rows: readonly LmaGlobals[]) => renderLmaGlobals(rows),
  'lma-stats': (rows: readonly LmaStatsRow[]) => renderLmaStats(rows),
  'lma-peer-stats': (views: readonly PeerStatsView[]) => renderPeerStats('LMA', views),
  'lma-heartbeat': (views: readonly HeartbeatView[]) => renderHeartbeats('LMA', views),
  'lma-tunnel': (views: readonly TunnelView[]) => renderTunnels('LMA', views),
  'mag-binding-count': (count: BindingCount) => renderBindingCount(count),
  'mag-globals': (rows: readonly MagGlobals[]) => renderMagGlobals(rows),
  'mag-stats': (rows: readonly MagStatsRow[]) => renderMagStats(rows),
  'mag-peer-stats': (views: readonly PeerStatsView[]) => renderPeerStats('Mag', views),
  'mag-heartbeat': (views: readonly HeartbeatView[]) => renderHeartbeats('Mag', views),
  'mag-tunnel': (views: readonly TunnelView[]) => renderTunnels('Mag', views),
  'client-detail': (client: ClientView) => renderClientDetail(client),
  'dhcp-proxy': (rows: readonly DhcpProxyRow[]) => renderDhcpProxy(rows),
  'ipv4-pool': (rows: readonly Ipv4PoolRow[]) => renderIpv4Pools(rows),
  'ipv6-pool': (rows: readonly Ipv6PoolRow[]) => renderIpv6Pools(rows),
  'ipv6-interface': (rows: readonly InterfaceRow[]) => renderIpv6Interfaces(rows),
  'interface-summary': (rows: readonly InterfaceRow[]) => renderInterfaceSummary(rows),
  'route-summary': (view: RouteView) => renderRouteSummary(view),
  vrf: (rows: readonly VrfRow[]) => renderVrfs(rows),
  'access-lists': (rows: readonly AccessListRow[]) => renderAccessLists(rows),
  dataplane: (view: DataplaneView) => renderDataplane(view),
  store: (report: StateReport) => renderStore(report),
  'aaa-servers': (view: AaaServersView) => renderAaaServers(view),
  'aaa-domains': (views: readonly DomainView[]) => renderAaaDomains(views),
  logging: (view: LogView) => renderLogging(view),
  'running-config': ({ text }: { readonly text: string }) => text,
  'effective-config': ({ text }: { readonly text: string }) => text,
  'startup-config': ({ text }: { readonly text: string }) => text,
  version: (view: VersionView) => renderVersion(view),
};

/** The daemon's answer to a query, as IOS prints it. */
export function renderShow(query: ShowQuery, result: unknown): string {
  if (isList(query)) return listText(showList(query), result as never);
  return RENDERERS[query](result as never);
}

/** The text of one list, from its beginning. */
export function showList(query: ListQuery): ListText<never> {
  return LISTS[query]();
}

const LISTS: Readonly<Record<ListQuery, () => ListText<never>>> = {
  'lma-binding': lmaBindingText,
  'mag-binding': magBindingText,
  'controller-binding': controllerBindingText,
  'dhcp-binding': dhcpBindingText,
  'route-map': routeMapText,
};

export function isList(query: ShowQuery): query is ListQuery {
  return Object.hasOwn(LISTS, query);
}
