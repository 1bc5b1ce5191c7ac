using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace Parley.Sqlite;

/// <summary>The one writer: a thread that runs the queued works, many to a transaction, and completes their tasks after the commit.</summary>
/// <remarks>
/// While one group is being flushed the next one gathers, so the cost of a flush is shared by all who wait for it.
/// Each work runs in a savepoint: one that throws takes back its own changes only. When SQLite itself takes back the
/// whole transaction (disk full, read error), every work of the group fails and none has happened.
/// </remarks>
internal sealed partial class GroupCommitWriter
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WriteQueue _queue;
    private readonly List<IStoreWork> _uncommitted = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _works;
    private long _commits;
    private long _failures;
    private volatile bool _isFailing;

    public GroupCommitWriter(SqliteConnection connection, SqliteStoreOptions options, ILogger logger, TimeProvider time)
    {
        (_connection, _options, _logger, _time) = (connection, options, logger, time);
        _queue = new WriteQueue(options.MaxQueued, options.MaxBatch);
        new Thread(Loop) { IsBackground = true, Name = "parley-store" }.Start();
    }

    /// <summary>What was done so far.</summary>
    public StoreCounts Counts =>
        new(Interlocked.Read(ref _works), Interlocked.Read(ref _commits), Interlocked.Read(ref _failures), _queue.Count);

    /// <summary>Whether the last transaction could not be committed.</summary>
    public bool IsFailing => _isFailing;

    /// <summary>Queues a work.</summary>
    public void Add(IStoreWork work) => _queue.Add(work);

    /// <summary>Takes no more works, and completes when those queued are done.</summary>
    public Task CloseAsync()
    {
        _queue.Close();
        return _ended.Task;
    }

    private void Loop()
    {
        var group = new List<IStoreWork>(_options.MaxBatch);
        while (_queue.Take(group))
        {
            if (group[0].IsExclusive)
            {
                RunAlone(group[0]);
                continue;
            }

            for (var next = 0; next < group.Count;)
            {
                next = RunTransaction(group, next);
            }
        }

        _ended.SetResult();
    }

    private void RunAlone(IStoreWork work)
    {
        if (work.TryCancel())
        {
            return;
        }

        try
        {
            work.Run(_connection);
        }
        catch (Exception exception)
        {
            // The caller's task carries it; the writer goes on.
            work.Fail(StoreUnavailableException.Translate(exception));
            return;
        }

        work.Complete();
    }

    /// <summary>Runs works from <paramref name="next"/> on until the group or the time ends, commits, and returns the first work that was not run.</summary>
    private int RunTransaction(List<IStoreWork> group, int next)
    {
        _uncommitted.Clear();
        if (!TryExecute("BEGIN IMMEDIATE", out var failure))
        {
            // What refuses this transaction refuses the next one, too: the whole group fails at once.
            _uncommitted.AddRange(group.Skip(next));
            FailUncommitted(failure);
            return group.Count;
        }

        var started = _time.GetTimestamp();
        do
        {
            if (!RunInSavepoint(group[next++]))
            {
                return next;
            }
        }
        while (next < group.Count && _time.GetElapsedTime(started) < _options.MaxBatchTime);

        if (TryExecute("COMMIT", out failure))
        {
            CompleteUncommitted();
        }
        else
        {
            RollBack();
            FailUncommitted(failure);
        }

        return next;
    }

    /// <summary>False when the transaction is lost, and with it every work that ran in it.</summary>
    private bool RunInSavepoint(IStoreWork work)
    {
        if (work.TryCancel())
        {
            return true;
        }

        try
        {
            _connection.Prepared("SAVEPOINT work").Execute();
            work.Run(_connection);
            _connection.Prepared("RELEASE work").Execute();
            _uncommitted.Add(work);
            return true;
        }
        catch (Exception exception)
        {
            // The caller's task carries it.
            if (IsInTransaction && TryExecute("ROLLBACK TO work", out _) && TryExecute("RELEASE work", out _))
            {
                work.Fail(StoreUnavailableException.Translate(exception));
                return true;
            }

            RollBack();
            _uncommitted.Add(work);
            FailUncommitted(exception);
            return false;
        }
    }

    // SQLite ends a transaction by itself after a full disk or a failed read.
    private bool IsInTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    private bool TryExecute(string sql, [NotNullWhen(false)] out Exception? failure)
    {
        try
        {
            _connection.Prepared(sql).Execute();
            failure = null;
            return true;
        }
        catch (SqliteException exception)
        {
            failure = exception;
            return false;
        }
    }

    private void RollBack()
    {
        if (IsInTransaction)
        {
            TryExecute("ROLLBACK", out _);
        }
    }

    private void CompleteUncommitted()
    {
        Interlocked.Increment(ref _commits);
        Interlocked.Add(ref _works, _uncommitted.Count);
        if (_isFailing && _uncommitted.Count > 0)
        {
            _isFailing = false;
            LogRecovered();
        }

        foreach (var work in _uncommitted)
        {
            work.Complete();
        }
    }

    private void FailUncommitted(Exception exception)
    {
        var failure = StoreUnavailableException.Translate(exception);
        if (failure is not StoreUnavailableException)
        {
            failure = new StoreUnavailableException("The store could not commit.", exception);
        }

        Interlocked.Add(ref _failures, _uncommitted.Count);
        if (!_isFailing)
        {
            _isFailing = true;
            LogFailing(exception, failure.Message);
        }

        foreach (var work in _uncommitted)
        {
            work.Fail(failure);
        }
    }

    [LoggerMessage(LogLevel.Error, "Store cannot write: {Reason}")]
    private partial void LogFailing(Exception exception, string reason);

    [LoggerMessage(LogLevel.Information, "Store writes again")]
    private partial void LogRecovered();
}
