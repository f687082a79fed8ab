// The lap as a ring: the sign of LILO.
import { say, svg } from './dom.js';
import { brief } from './format.js';

/**
 * A ring that fills in the course of a lap, with the lap's number in it. What
 * it shows is told in words beside it.
 */
export class Ring {
	#arc = svg('circle', { class: 'ring-arc', cx: 32, cy: 32, r: 27, pathLength: 100, 'stroke-dasharray': '0 100', transform: 'rotate(-90 32 32)' });
	#knob = svg('circle', { class: 'ring-knob', cx: 32, cy: 5, r: 4 });
	#number = svg('text', { class: 'ring-number', x: 32, y: 37 });
	#drawn = '';
	element = svg('svg', { class: 'ring', viewBox: '0 0 64 64', 'aria-hidden': 'true' },
		svg('circle', { class: 'ring-track', cx: 32, cy: 32, r: 27 }), this.#arc, this.#knob, this.#number);

	/** @param {{lap: number, position: number, length: number}} at @param {boolean} on */
	draw(at, on) {
		const share = on && at.length ? Math.min(1, at.position / at.length) : 0;
		const drawn = `${on} ${share.toFixed(4)} ${at.lap}`;
		if (drawn === this.#drawn) return;
		this.#drawn = drawn;
		this.element.classList.toggle('off', !on);
		this.#arc.setAttribute('stroke-dasharray', `${(share * 100).toFixed(2)} 100`);
		this.#knob.setAttribute('transform', `rotate(${(share * 360).toFixed(2)} 32 32)`);
		const text = on ? brief(at.lap) : '';
		say(this.#number, text);
		this.#number.setAttribute('font-size', String(text.length > 3 ? 13 : text.length > 2 ? 16 : 20));
	}
}

const still = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * Calls draw twenty times a second, once a second for who wants less motion,
 * and not while nobody looks. Returns what ends it.
 * @param {() => void} draw @returns {() => void}
 */
export function animate(draw) {
	let last = 0, handle = 0;
	const step = (/** @type {number} */ now) => {
		if (now - last >= (still.matches ? 1000 : 50)) {
			last = now;
			draw();
		}
		handle = requestAnimationFrame(step);
	};
	handle = requestAnimationFrame(step);
	return () => cancelAnimationFrame(handle);
}
