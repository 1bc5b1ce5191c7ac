using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Client.Messaging;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Cli.A2a;

/// <summary>One message to every agent whose labels fit, with a line for each and a summary.</summary>
/// <param name="context">Terminal and format.</param>
/// <param name="home">Whose link is used.</param>
/// <param name="saveFolder">Where files of the answers go, in a folder for each target; null leaves them out.</param>
internal sealed class FanOut(CommandContext context, HomeLink home, string? saveFolder)
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
            catch (ParleyException exception)
            {
                context.Terminal.Note($"{target}: {exception.Message} ({exception.Row.Fixer})");
                Interlocked.Increment(ref failed);
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
        }
        else if (result.Reply is { } reply)
        {
            PrintReply(result.Target, reply);
        }
        else if (result.Error is null)
        {
            context.Terminal.WriteLine($"{result.Target}: {result.Status.ToString().ToLowerInvariant()}");
        }

        if (SendOutput.ReasonOf(result) is { } reason)
        {
            context.Terminal.Note($"{result.Target}: {reason}");
        }

        if (result.Reply is { Files.Count: > 0 } withFiles)
        {
            var folder = saveFolder is null ? null : Path.Combine(saveFolder, AgentAddress.Parse(result.Target).ToString());
            SendOutput.SaveFiles(context, folder, withFiles, $"{result.Target}: ");
        }
    }

    private void PrintReply(string target, Reply reply)
    {
        if (reply.Content.IsEmpty && reply.Meta.TryGetValue("saved_as", out var name))
        {
            context.Terminal.Note($"{target}: saved as {name}");
        }
        else if (!reply.Content.IsEmpty || reply.ErrorCode.Length == 0)
        {
            var code = reply is { HasExitCode: true, ExitCode: not 0 } ? $" [exit {reply.ExitCode}]" : string.Empty;
            context.Terminal.Write(Lines($"{target}{code}: ", reply.Content));
        }

        if (!reply.Stderr.IsEmpty)
        {
            context.Terminal.WriteError(Encoding.UTF8.GetBytes(Lines($"{target}: ", reply.Stderr)));
        }

        if (reply.Truncated)
        {
            context.Terminal.Note($"{target}: the answer was cut at the receiver's limit");
        }
    }

    // In one piece: other targets answer meanwhile.
    private static string Lines(string start, ByteString text) =>
        string.Concat(text.ToStringUtf8().TrimEnd().Split('\n').Select(line => $"{start}{line}\n"));
}
