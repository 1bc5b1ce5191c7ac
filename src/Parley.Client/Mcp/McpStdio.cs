using System.Buffers;
using System.IO.Pipelines;
using Parley.Gateway.Mcp;

namespace Parley.Client.Mcp;

/// <summary>Carries the Model Context Protocol over standard streams: a line is a message.</summary>
public static class McpStdio
{
    /// <summary>Longest line that is read: 17 MiB, the largest message and what stands around it.</summary>
    public const int MaxLineBytes = 17 * 1024 * 1024;

    /// <summary>Serves until the input ends.</summary>
    /// <param name="server">The session.</param>
    /// <param name="input">The client's messages.</param>
    /// <param name="send">Writes one message and its line end.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(McpServer server, Stream input, McpSend send, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new HashSet<Task>();
        var reader = PipeReader.Create(input, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            await foreach (var line in LinesAsync(reader, ending.Token))
            {
                // Notifications and answers first come first served; only calls of tools take longer, beside each other.
                running.Add(server.HandleAsync(McpIncoming.Read(line), send, ending.Token));
                running.RemoveWhere(task => task.IsCompletedSuccessfully);
            }
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(running.Select(QuietAsync));
            await reader.CompleteAsync();
        }
    }

    private static async IAsyncEnumerable<byte[]> LinesAsync(PipeReader reader, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isSkipping = false;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end).ToArray().AsSpan().Trim(" \t\r"u8).ToArray();
                buffer = buffer.Slice(buffer.GetPosition(1, end));
                if (line.Length > 0 && !isSkipping)
                {
                    yield return line;
                }

                isSkipping = false;
            }

            if (buffer.Length > MaxLineBytes)
            {
                // Too long to be a message: told once as one that cannot be read, and skipped to its end.
                if (!isSkipping)
                {
                    yield return "too long"u8.ToArray();
                }

                (isSkipping, buffer) = (true, buffer.Slice(buffer.End));
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                yield break;
            }
        }
    }

    private static async Task QuietAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The client is gone.
        }
    }
}
