"""Django's way to PostgreSQL, for outages: a server that does not answer is waited for once, not by every request.

A connection of the pool is asked before it is given out. Where it does not answer, or the pool has none to give, this
process asks the server by a new connection, one thread at a time; until that answers, everybody else is refused at
once. So the first request after the server is back is served.
"""

import threading
import time

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout, TooManyRequests

# How long a server may take to answer that it is there, in seconds.
PATIENCE = 2
# A server that says this answers, although not to one more connection. There is no code where no connection is made.
FULL = ("too many clients", "too many connections", "connection slots are reserved")


class Connection(psycopg.Connection):
    """Can give up on a server that has taken a statement and does not answer: it was stopped, or its machine was."""

    # For one statement, in seconds; None is for ever. The web server sets it (wsgi.py).
    patience: int | None = None

    def wait(self, gen, interval=0.1, timeout=None):
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.errors._WaitTimeout as error:
            # What was asked may still be answered: nothing else can be asked here.
            self.close()
            raise psycopg.OperationalError("The database does not answer.") from error

    def answers(self):
        self.patience = PATIENCE
        try:
            self.execute("")
        except psycopg.Error:
            return False
        finally:
            del self.patience
        return True


class Outage:
    """Whether the server is thought not to answer, for all threads of this process."""

    def __init__(self):
        self.goes_on = False
        self.asking = threading.Lock()
        self.ask_again_at = 0.0

    def check_over(self, conn_params):
        """Return where the server answers. Raises OperationalError where it does not, or another thread is asking."""
        began = time.monotonic()
        if began < self.ask_again_at or not self.asking.acquire(blocking=False):
            raise psycopg.OperationalError("The database does not answer.")
        try:
            psycopg.connect(**conn_params).close()
        except psycopg.OperationalError as error:
            self.goes_on = not any(words in str(error) for words in FULL)
            if self.goes_on:
                # As long as it took: one request does not wait for it twice, and a refusal costs nothing.
                self.ask_again_at = 2 * time.monotonic() - began
                raise
        else:
            self.goes_on = False
        finally:
            self.asking.release()


outage = Outage()


class DatabaseWrapper(base.DatabaseWrapper):
    # How many threads may wait for a connection at a time; the others are refused at once. The web server limits it
    # (wsgi.py). Not the pool's max_waiting, which also counts those that have given up.
    places_to_wait = threading.Semaphore(1000)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if pool := self.settings_dict["OPTIONS"].get("pool"):
            pool["connection_class"] = Connection

    def get_new_connection(self, conn_params):
        if not self.pool:
            return super().get_new_connection(conn_params)
        if outage.goes_on:
            outage.check_over(conn_params)
        while True:
            connection = self.take_from_pool(conn_params)
            if connection.answers():
                return connection
            self.pool.putconn(connection)
            outage.check_over(conn_params)

    def take_from_pool(self, conn_params):
        if not self.places_to_wait.acquire(blocking=False):
            raise TooManyRequests("Too many requests wait for a connection.")
        try:
            return super().get_new_connection(conn_params)
        except PoolTimeout:
            # All connections are in use, or there is no server.
            outage.check_over(conn_params)
            raise
        finally:
            self.places_to_wait.release()
