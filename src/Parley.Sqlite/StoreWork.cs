using Microsoft.Data.Sqlite;

namespace Parley.Sqlite;

/// <summary>What the writer's queue holds.</summary>
internal interface IStoreWork
{
    /// <summary>Runs on the writing connection outside of any group: a scrub, or a read of a database in memory.</summary>
    bool IsExclusive { get; }

    /// <summary>Ends the work as cancelled if its caller has given up; true when it did.</summary>
    bool TryCancel();

    /// <summary>Does it. What it throws goes to <see cref="Fail"/>.</summary>
    void Run(SqliteConnection connection);

    /// <summary>Hands the result to the caller, after the commit.</summary>
    void Complete();

    /// <summary>Hands the failure to the caller.</summary>
    void Fail(Exception exception);
}

/// <summary>A delegate in the writer's queue, and the task of its caller.</summary>
internal sealed class StoreWork<T>(Func<SqliteConnection, T> work, bool isExclusive, CancellationToken cancellationToken)
    : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously), IStoreWork
{
    private T? _result;

    /// <inheritdoc/>
    public bool IsExclusive => isExclusive;

    /// <inheritdoc/>
    public bool TryCancel() => cancellationToken.IsCancellationRequested && TrySetCanceled(cancellationToken);

    /// <inheritdoc/>
    public void Run(SqliteConnection connection) => _result = work(connection);

    /// <inheritdoc/>
    public void Complete() => SetResult(_result!);

    /// <inheritdoc/>
    public void Fail(Exception exception) => SetException(exception);
}
