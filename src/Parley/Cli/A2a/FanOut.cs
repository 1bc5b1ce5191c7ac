using System.Text.Json;
using Parley.Client.Messaging;

namespace Parley.Cli.A2a;

/// <summary>One message to every agent whose labels fit, with a line for each and a summary.</summary>
internal sealed class FanOut(CommandContext context, HomeLink home)
{
    private const int MaxAtOnce = 64;

    /// <summary>Sends and prints; 0 when all went well.</summary>
    public async Task<int> SendAsync(string selector, SendRequest request, CancellationToken cancellationToken)
    {
        var targets = await AgentList.SelectAsync(home.Link, selector, home.Profile.Agent, cancellationToken);
        var failed = 0;
        using var room = new SemaphoreSlim(MaxAtOnce);
        await Task.WhenAll(targets.Select(async target =>
        {
            await room.WaitAsync(cancellationToken);
            try
            {
                var result = await home.Sender.SendAsync(target, request, null, cancellationToken);
                Print(result);
                if (SendOutput.ExitOf(result) != 0)
                {
                    Interlocked.Increment(ref failed);
                }
            }
            finally
            {
                room.Release();
            }
        }));
        context.Terminal.Note($"{targets.Count - failed} of {targets.Count} agents went well");
        return failed == 0 ? 0 : 1;
    }

    private void Print(SendResult result)
    {
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(SendJson.Of(result), A2aJson.Compact.SendJson));
            return;
        }

        var outcome = result.Reply is { } reply
            ? reply.Content.ToStringUtf8().TrimEnd()
            : result.Error is { } error ? $"{result.Status.ToString().ToLowerInvariant()}: {error.Message}" : result.Status.ToString().ToLowerInvariant();
        var code = result.Reply is { HasExitCode: true, ExitCode: not 0 } ran ? $" [exit {ran.ExitCode}]" : string.Empty;
        foreach (var line in outcome.Split('\n'))
        {
            context.Terminal.WriteLine($"{result.Target}{code}: {line}");
        }
    }
}
