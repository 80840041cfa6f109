import { Button } from "../design/Button";
import styles from "./Fresh.module.css";

interface Props {
  /** How many newer rows wait to be shown. */
  count: number;
  said: string;
  show: () => void;
}

/** Offers newer rows above a list, wherever it has been scrolled to; they are shown from the top. */
export function Fresh({ count, said, show }: Props) {
  const look = () => {
    show();
    scrollTo({ top: 0 });
  };
  return (
    <div className={styles.fresh} role="status">
      {count ? <Button onClick={look}>{said}</Button> : null}
    </div>
  );
}
