import bodies from 'virtual:tabler-icons';
import { createElement, type FunctionComponent, type SVGProps } from 'react';

/** One icon of tabler's, in the colour of its text: `size` is the side of its square in pixels, `stroke` how wide its lines are of 24. */
export type Icon = FunctionComponent<
  Omit<SVGProps<SVGSVGElement>, 'stroke'> & { size?: number | string; stroke?: number | string }
>;

/** The build finds the names in this file, and fails for one that tabler has not. */
function icon(name: string): Icon {
  // Shapes of a package, put in when the dashboard is built: no text of anybody's.
  const shapes = { __html: bodies[name] ?? '' };
  return ({ size = 24, stroke = 2, ...rest }) =>
    createElement('svg', {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: '0 0 24 24',
      width: size,
      height: size,
      strokeWidth: stroke,
      ...rest,
      dangerouslySetInnerHTML: shapes,
    });
}

export const IconAlertOctagon = icon('alert-octagon');
export const IconAlertTriangle = icon('alert-triangle');
export const IconArrowDown = icon('arrow-down');
export const IconArrowRight = icon('arrow-right');
export const IconArrowUp = icon('arrow-up');
export const IconBell = icon('bell');
export const IconBellOff = icon('bell-off');
export const IconBug = icon('bug');
export const IconChartBar = icon('chart-bar');
export const IconChartLine = icon('chart-line');
export const IconCheck = icon('check');
export const IconChevronDown = icon('chevron-down');
export const IconChevronLeft = icon('chevron-left');
export const IconChevronRight = icon('chevron-right');
export const IconCircleCheck = icon('circle-check');
export const IconCircleDashed = icon('circle-dashed');
export const IconClock = icon('clock');
export const IconCloud = icon('cloud');
export const IconCopy = icon('copy');
export const IconDatabase = icon('database');
export const IconDots = icon('dots');
export const IconFileText = icon('file-text');
export const IconFlame = icon('flame');
export const IconFlask = icon('flask');
export const IconGripVertical = icon('grip-vertical');
export const IconHistory = icon('history');
export const IconInbox = icon('inbox');
export const IconInfoCircle = icon('info-circle');
export const IconKeyboard = icon('keyboard');
export const IconLayoutDashboard = icon('layout-dashboard');
export const IconLayoutGrid = icon('layout-grid');
export const IconList = icon('list');
export const IconMaximize = icon('maximize');
export const IconMinus = icon('minus');
export const IconMoon = icon('moon');
export const IconNote = icon('note');
export const IconPlayerPause = icon('player-pause');
export const IconPlayerPlay = icon('player-play');
export const IconPlugConnectedX = icon('plug-connected-x');
export const IconPlus = icon('plus');
export const IconRadar = icon('radar');
export const IconRefresh = icon('refresh');
export const IconRocket = icon('rocket');
export const IconSearch = icon('search');
export const IconShare = icon('share');
export const IconSitemap = icon('sitemap');
export const IconStack2 = icon('stack-2');
export const IconStar = icon('star');
export const IconStarFilled = icon('star-filled');
export const IconSun = icon('sun');
export const IconTargetArrow = icon('target-arrow');
export const IconTerminal = icon('terminal');
export const IconTextWrap = icon('text-wrap');
export const IconTimeline = icon('timeline');
export const IconTrash = icon('trash');
export const IconWand = icon('wand');
export const IconWorld = icon('world');
export const IconX = icon('x');
export const IconZoomOut = icon('zoom-out');
export const IconZoomQuestion = icon('zoom-question');
