import { Head } from "../../design/Page";
import { useText } from "../../i18n/text";

export function List() {
  return <Head title={useText().dead.title} />;
}
