using System.Net;
using System.Net.Sockets;
using Parley.Hub.Outbound;

namespace Parley.HubTests.Outbound;

/// <summary>A resolver that answers as it was told, each time the next answer: a name server that changes its mind.</summary>
internal sealed class ScriptedResolver : IAddressResolver
{
    /// <summary>Answers by name; the last one is given for ever.</summary>
    public Dictionary<string, Queue<IPAddress[]>> Answers { get; } = [];

    /// <summary>How often it was asked.</summary>
    public int Asked { get; private set; }

    /// <summary>Whether it never answers.</summary>
    public bool IsSilent { get; set; }

    public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        Asked++;
        if (IsSilent)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        return Answers.TryGetValue(host, out var answers)
            ? answers.Count > 1 ? answers.Dequeue() : answers.Peek()
            : throw new SocketException((int)SocketError.HostNotFound);
    }
}
