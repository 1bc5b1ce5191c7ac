using System.CommandLine;
using Parley.Gateway.Client;
using Parley.Protocol.Errors;

namespace Parley.Cli.A2a.Remote;

/// <summary>Sends one message to an agent somewhere else and prints its answer.</summary>
/// <param name="context">The world.</param>
/// <param name="options">Binding, version, proof.</param>
internal sealed class RemoteSend(CommandContext context, RemoteOptions options)
{
    /// <summary>Runs the send.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="target">The address as typed.</param>
    /// <param name="message">What is sent.</param>
    /// <param name="timeout">How long the agent may be silent.</param>
    /// <param name="saveFolder">Where files of the answer go.</param>
    /// <param name="cancellationToken">Stops waiting; a task goes on.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(ParseResult parsed, string target, RemoteMessage message, TimeSpan timeout, string? saveFolder, CancellationToken cancellationToken)
    {
        var address = RemoteTarget.Parse(target);
        var request = message.ToRequest();
        var started = context.Time.GetTimestamp();
        var calls = new A2aClientOptions { Credentials = options.Credentials(context, parsed, address), SendTimeout = timeout, StreamIdleTimeout = timeout, Time = context.Time };
        using var agent = await RemoteAgent.OpenAsync(address, calls, options.Preferences(parsed), cancellationToken);
        var output = new RemoteOutput(context, agent, saveFolder);
        try
        {
            await foreach (var one in EventsAsync(agent, request, message.Waits, cancellationToken))
            {
                output.Take(one);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ParleyException { Code: ErrorCode.DeadlineExceeded or ErrorCode.AgentUnreachable } && output.Answer.TaskId is { } task)
        {
            context.Terminal.Note($"task {task} may go on: parley a2a tasks watch {target} {task}");
            throw;
        }

        return output.Finish(message.Id, target, context.Time.GetElapsedTime(started));
    }

    private IAsyncEnumerable<A2aEvent> EventsAsync(RemoteAgent agent, Gateway.Wire.V1.SendMessageRequest request, bool waits, CancellationToken cancellationToken) => waits
        ? new TaskFollower(agent.Client, context.Time).SendAsync(request, agent.CanStream, cancellationToken)
        : OnceAsync(agent.Client, request, cancellationToken);

    private static async IAsyncEnumerable<A2aEvent> OnceAsync(
        IA2aClient client, Gateway.Wire.V1.SendMessageRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync(request, cancellationToken);
        yield return new A2aEvent(answer.Task is { } task ? new Gateway.Wire.V1.StreamResponse { Task = task } : new Gateway.Wire.V1.StreamResponse { Message = answer.Message }, null);
    }
}
