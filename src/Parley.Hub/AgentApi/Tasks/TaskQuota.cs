using System.Collections.Concurrent;
using Parley.Protocol.Errors;

namespace Parley.Hub.AgentApi.Tasks;

/// <summary>How many tasks each owner has, so that one cannot take the room of all.</summary>
/// <param name="options">The limits.</param>
internal sealed class TaskQuota(TaskOptions options)
{
    private readonly ConcurrentDictionary<string, Figures> _owners = new(StringComparer.Ordinal);

    /// <summary>Refuses a further message of an owner that has as many as it may.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RateLimited"/>.</exception>
    public void Check(TaskOwner owner)
    {
        if (!_owners.TryGetValue(owner.Text, out var figures))
        {
            return;
        }

        if (Interlocked.Read(ref figures.Open) >= options.MaxOpenPerOwner)
        {
            throw new ParleyException(ErrorCode.RateLimited, $"Agents have {options.MaxOpenPerOwner} messages of this owner in hand: wait for answers, or cancel tasks.");
        }

        if (Interlocked.Read(ref figures.Stored) >= options.MaxPerOwner)
        {
            throw new ParleyException(ErrorCode.RateLimited, $"The hub keeps {options.MaxPerOwner} tasks of this owner; the oldest go by themselves.");
        }
    }

    /// <summary>Messages that agents have in hand, more or less.</summary>
    public void Open(TaskOwner owner, long change) => Interlocked.Add(ref Of(owner.Text).Open, change);

    /// <summary>Tasks in the store, more or less.</summary>
    public void Stored(string owner, long change) => Interlocked.Add(ref Of(owner).Stored, change);

    /// <summary>An owner is called something else now. To be told after its tasks, so that what ends meanwhile is counted under one of the names, and all of it moves.</summary>
    public void Rename(string from, string to)
    {
        if (_owners.TryRemove(from, out var figures))
        {
            Interlocked.Add(ref Of(to).Open, Interlocked.Read(ref figures.Open));
            Interlocked.Add(ref Of(to).Stored, Interlocked.Read(ref figures.Stored));
        }
    }

    private Figures Of(string owner) => _owners.GetOrAdd(owner, _ => new Figures());

    private sealed class Figures
    {
        public long Open;
        public long Stored;
    }
}
