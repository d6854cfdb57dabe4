/** One line of work: icon, what, how it went. It may open. */
import type { ComponentChildren, JSX } from "preact";
import type { IconName } from "./basics";
import { Icon, useOpen } from "./basics";

interface RowProps {
  id: string;
  icon: IconName;
  tone?: string;
  what: ComponentChildren;
  meta?: ComponentChildren;
  /** Whether it is open where nobody said otherwise. */
  opens?: boolean;
  /** What Enter does instead of opening it. */
  target?: (() => void) | null;
  wrap?: boolean;
  /** Called when it is opened. */
  onOpen?: () => void;
  children?: ComponentChildren;
}

/** A line that opens to show more of itself. */
export function Row(props: RowProps): JSX.Element {
  const [open, setOpen] = useOpen(props.id, props.opens ?? false);
  const set = (to: boolean): void => {
    if (to !== open) setOpen(to);
    if (to) props.onOpen?.();
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key === "ArrowRight") set(true);
    else if (event.key === "ArrowLeft") set(false);
    else if (event.key === "Enter" && props.target != null) props.target();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class={open ? "line open" : "line"}>
      <button
        type="button"
        class={`row ${props.wrap === true ? "wrap" : ""}`}
        data-row={props.id}
        tabIndex={-1}
        aria-expanded={open}
        onClick={() => set(!open)}
        onKeyDown={key}
      >
        <span class="mark">
          <Icon name={props.icon} tone={`own ${props.tone ?? ""}`} />
          <Icon name={open ? "chevron-down" : "chevron-right"} tone={`turn ${props.tone ?? ""}`} />
        </span>
        <span class="what">{props.what}</span>
        <span class="meta num">{props.meta}</span>
      </button>
      {open && props.children}
    </div>
  );
}

/** A line that says all it has to say. */
export function Fixed(props: {
  icon: IconName;
  tone?: string;
  what: ComponentChildren;
  meta?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="row">
      <span class="mark">
        <Icon name={props.icon} tone={props.tone ?? ""} />
      </span>
      <span class="what">{props.what}</span>
      <span class="meta num">{props.meta}</span>
    </div>
  );
}
