// One channel in the list: as a card, as a row of the table, as a picture of the wall.
import { button, el, icon, setText } from './dom.js';
import { millis, plural, rate } from './format.js';
import { canStart, canStop, start, stop } from './actions.js';
import { Ring } from './ring.js';
import { labelOf, progressOf } from './states.js';

/** @typedef {import('./store.js').Channel} Channel */
/** @typedef {import('./store.js').Store} Store */

/** @param {Channel} c */
export const destinationsOf = (/** @type {Channel} */ c) => c.pipelines.flatMap((p) => p.to);

/** @param {Channel} c */
export const tagsOf = (/** @type {Channel} */ c) => Object.entries(c.tags ?? {}).map(([k, v]) => (v ? `${k}=${v}` : k)).sort();

/** The link to a channel's page. @param {Channel} c */
export const linkTo = (/** @type {Channel} */ c) => `#/channels/${encodeURIComponent(c.id)}`;

/** What the list shows of each channel. What it holds is made when it is first seen: there may be thousands. */
class Item {
	visible = false;
	built = false;
	name = el('a', { class: 'row-name' });
	box = /** @type {HTMLInputElement} */ (el('input', { type: 'checkbox', class: 'row-box' }));

	/** @param {Store} store @param {Channel} c @param {HTMLElement} element */
	constructor(store, c, element) {
		this.store = store;
		this.channel = c;
		this.element = element;
	}

	/** Makes what it holds. */
	build() {}

	/** Shows the channel. */
	show() {}

	/** Shows what changes all the time. */
	updateLive() {}

	draw() {}

	/** @param {Channel} c */
	update(c) {
		this.channel = c;
		if (this.built) this.show();
	}

	/** @param {boolean} visible */
	setVisible(visible) {
		this.visible = visible;
		if (visible) this.ensure();
	}

	/** Makes and shows it, if it was not seen yet. */
	ensure() {
		if (!this.built) {
			this.built = true;
			this.build();
			this.show();
		} else {
			this.updateLive();
		}
	}

	showName() {
		const c = this.channel;
		setText(this.name, c.name);
		this.name.setAttribute('href', linkTo(c));
		this.box.setAttribute('aria-label', `Select ${c.name}`);
	}

	/** @param {HTMLElement} pill */
	showState(pill) {
		const [label, tone] = labelOf(this.channel);
		this.element.dataset.tone = tone;
		setText(pill, label);
		pill.className = `pill ${tone}`;
	}

	get on() {
		return this.channel.state === 'RUNNING' && this.channel.pipelines.some((p) => p.bit_rate > 0);
	}

	lapText() {
		return progressOf(this.channel) || (this.on ? `lap ${this.store.lap(this.channel).lap.toLocaleString('en-GB')}` : '');
	}

	rateText() {
		return this.on ? rate(this.store.live(this.channel.id).rate || this.channel.pipelines[0]?.bit_rate) : '–';
	}

	lateText() {
		return this.on ? millis(this.store.live(this.channel.id).late) : '–';
	}

	isLate() {
		return this.on && this.store.live(this.channel.id).late >= 20;
	}

	async toggle() {
		await (canStop(this.channel) ? stop : start)(this.channel);
	}

	focus() {
		this.ensure();
		this.name.focus();
		this.element.scrollIntoView({ block: 'nearest' });
	}
}

/** A channel as a card. */
export class Card extends Item {
	#ring = new Ring();
	#source = el('span', { class: 'row-source' });
	#to = el('span', { class: 'row-to' });
	#state = el('span', { class: 'pill' });
	#lap = el('span', { class: 'row-lap' });
	#rate = el('span', { class: 'num' });
	#late = el('span', { class: 'num' });
	#alerts = el('span', { class: 'row-alerts' });
	#notes = el('span', { class: 'row-alerts row-notes' });
	#toggle = button('play', 'Start', { class: 'quiet' });

	/** @param {Store} store @param {Channel} c */
	constructor(store, c) {
		super(store, c, el('li', { class: 'row' }));
	}

	build() {
		this.element.append(
			el('div', { class: 'row-ring' }, this.#ring.element, this.box),
			el('div', { class: 'row-what' }, this.name, el('div', { class: 'row-sub' }, this.#source, this.#to)),
			el('div', { class: 'row-state' }, this.#state, this.#lap),
			value('Bit rate', this.#rate), value('Late', this.#late), el('div', { class: 'row-badges' }, this.#alerts, this.#notes),
			el('div', { class: 'row-act' }, !this.store.readOnly && this.#toggle));
		this.#toggle.addEventListener('click', () => this.toggle());
	}

	async toggle() {
		this.#toggle.disabled = true;
		await super.toggle();
		this.show();
	}

	show() {
		const c = this.channel, to = destinationsOf(c);
		this.showName();
		this.showState(this.#state);
		setText(this.#source, c.source || 'the bundled clip');
		setText(this.#to, to.length > 1 ? `${to[0]} and ${to.length - 1} more` : to[0] ?? '');
		this.updateLive();
		badge(this.#alerts, 'alert', c.alerts.map((a) => a.message));
		badge(this.#notes, 'note', c.notes);
		const starts = !canStop(c);
		this.#toggle.disabled = starts && !canStart(c);
		this.#toggle.setAttribute('aria-label', `${starts ? 'Start' : 'Stop'} ${c.name}`);
		if (this.#toggle.dataset.is !== String(starts)) {
			this.#toggle.dataset.is = String(starts);
			this.#toggle.replaceChildren(icon(starts ? 'play' : 'stop'), el('span', {}, starts ? 'Start' : 'Stop'));
		}
	}

	updateLive() {
		setText(this.#rate, this.rateText());
		setText(this.#late, this.lateText());
		this.#late.classList.toggle('warn', this.isLate());
	}

	draw() {
		if (!this.visible) return;
		this.#ring.draw(this.store.lap(this.channel), this.on);
		setText(this.#lap, this.lapText());
	}
}

/** The columns of the table beside the name: key, heading, and whether numbers are in it. @type {[string, string, boolean][]} */
export const columns = [
	['state', 'State', false], ['source', 'Source', false], ['to', 'Destinations', false], ['lap', 'Lap', true], ['rate', 'Bit rate', true],
	['late', 'Late', true], ['alerts', 'Alerts', true], ['tags', 'Tags', false], ['id', 'ID', true],
];

/** A channel as a row of the table. */
export class TableRow extends Item {
	#state = el('span', { class: 'pill' });
	/** @type {Record<string, HTMLElement>} */ #cells = {};

	/** @param {Store} store @param {Channel} c */
	constructor(store, c) {
		super(store, c, el('tr'));
		this.element.append(el('td', { class: 'table-box' }, this.box), el('th', { scope: 'row' }, this.name));
		this.showName();
	}

	build() {
		for (const [key, , numeric] of columns) {
			this.#cells[key] = el('td', { 'data-column': key, class: numeric ? 'num' : null });
			this.element.append(this.#cells[key]);
		}
		this.#cells.state.append(this.#state);
	}

	show() {
		const c = this.channel, of = this.#cells;
		this.showName();
		this.showState(this.#state);
		setText(of.source, c.source || 'the bundled clip');
		setText(of.to, destinationsOf(c).join(' '));
		setText(of.alerts, c.alerts.length ? String(c.alerts.length) : '');
		of.alerts.title = c.alerts.map((a) => a.message).join('\n');
		setText(of.tags, tagsOf(c).join(' '));
		setText(of.id, c.id);
		this.updateLive();
	}

	update(/** @type {Channel} */ c) {
		super.update(c);
		if (!this.built) this.showName();
	}

	updateLive() {
		setText(this.#cells.lap, this.lapText().replace('lap ', ''));
		setText(this.#cells.rate, this.rateText());
		setText(this.#cells.late, this.lateText());
		this.#cells.late.classList.toggle('warn', this.isLate());
	}
}

/** How often the pictures of the wall are made again, in ms. */
const pictureLife = 15_000;

/** A channel as a picture. */
export class Tile extends Item {
	#image = /** @type {HTMLImageElement} */ (el('img', { alt: '', width: 480, height: 270 }));
	#state = el('span', { class: 'pill' });
	#alerts = el('span', { class: 'row-alerts' });
	#shown = 0;

	/** @param {Store} store @param {Channel} c */
	constructor(store, c) {
		super(store, c, el('li', { class: 'tile row' }));
	}

	build() {
		this.#image.addEventListener('load', () => this.#image.classList.add('loaded'));
		this.#image.addEventListener('error', () => this.#image.classList.remove('loaded'));
		this.element.append(el('div', { class: 'tile-picture' }, this.#image), el('div', { class: 'tile-text' }, this.box, this.name, this.#state, this.#alerts));
	}

	show() {
		this.showName();
		this.showState(this.#state);
		badge(this.#alerts, 'alert', this.channel.alerts.map((a) => a.message));
		this.updateLive();
	}

	updateLive() {
		const now = performance.now();
		if (!this.on) {
			this.#image.removeAttribute('src');
			this.#image.classList.remove('loaded');
			this.#shown = 0;
		} else if (this.visible && !document.hidden && (!this.#shown || now - this.#shown > pictureLife)) {
			this.#shown = now;
			this.#image.src = `/console/channels/${encodeURIComponent(this.channel.id)}/thumbnail?at=${Math.floor(this.store.now() / 1000)}`;
		}
	}
}

/** @param {string} label @param {Element} node */
function value(label, node) {
	return el('div', { class: 'row-value' }, el('span', { class: 'label' }, label), node);
}

/** @param {HTMLElement} node @param {'alert' | 'note'} kind @param {string[]} texts */
function badge(node, kind, texts) {
	node.hidden = texts.length === 0;
	if (node.hidden) return node.replaceChildren();
	const text = plural(texts.length, kind);
	if (node.textContent !== text) node.replaceChildren(icon(kind), text);
	node.title = texts.join('\n');
}
