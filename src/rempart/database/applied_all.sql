select number, digest from foundation.migration order by number
