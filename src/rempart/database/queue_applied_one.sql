insert into foundation.queue_step (name) values (%s)
