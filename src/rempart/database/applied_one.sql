insert into foundation.migration (number, name, digest) values (%s, %s, %s)
