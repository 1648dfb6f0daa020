import { expect, it } from 'vitest';
import { type Notification, Notifications } from './notifications.ts';

it('tells of each text once when it is raised and once when it is over', () => {
  let now = 1000;
  const notifications = new Notifications(() => now);
  const heard: Notification[] = [];
  const stop = notifications.onChange((notification) => heard.push(notification));
  notifications.raise('a');
  now = 2000;
  notifications.raise('a');
  notifications.raise('b');
  expect(notifications.active()).toEqual([
    { text: 'a', date: 1000, active: true },
    { text: 'b', date: 2000, active: true },
  ]);
  notifications.clear('a');
  notifications.clear('a');
  stop();
  notifications.clear('b');
  expect(heard).toEqual([
    { text: 'a', date: 1000, active: true },
    { text: 'b', date: 2000, active: true },
    { text: 'a', date: 1000, active: false },
  ]);
  expect(notifications.active()).toEqual([]);
});
