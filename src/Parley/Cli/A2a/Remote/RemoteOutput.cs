using System.Text.Json;
using Parley.Client.Messaging;
using Parley.Gateway.Client;
using Parley.Gateway.Wire.V1;
using Parley.Output;
using Parley.Protocol.Messaging;

namespace Parley.Cli.A2a.Remote;

/// <summary>Prints what an agent somewhere else answers: text as it comes, then what else there is, and gives the exit code.</summary>
/// <param name="context">Terminal and format.</param>
/// <param name="agent">Who answers.</param>
/// <param name="saveFolder">Where files go; null leaves them out.</param>
internal sealed class RemoteOutput(CommandContext context, RemoteAgent agent, string? saveFolder)
{
    private string? _lastStatus;
    private bool _endsInLine = true;

    /// <summary>What was said so far.</summary>
    public RemoteAnswer Answer { get; } = new();

    /// <summary>Takes one event.</summary>
    public void Take(A2aEvent one)
    {
        var text = Answer.Take(one.Response);
        if (context.IsJson)
        {
            return;
        }

        Print(text);
        var status = one.Response.PayloadCase == StreamResponse.PayloadOneofCase.StatusUpdate && Answer.State is TaskState.Working or TaskState.Submitted && Answer.Message is { } message
            ? RemoteText.Of(message.Parts)
            : string.Empty;
        if (status.Length > 0 && status != _lastStatus)
        {
            context.Terminal.Status(SafeText.Line(status.TrimEnd('\n')));
            _lastStatus = status;
        }
    }

    /// <summary>Prints what is left and gives the exit code.</summary>
    public int Finish(string id, string target, TimeSpan elapsed)
    {
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(RemoteSendJson.Of(id, agent, Answer, elapsed), RemoteJson.Compact.RemoteSendJson));
        }
        else if (Answer.Message is { } message && (!Answer.HasShown || Answer.State is not TaskState.Completed))
        {
            Print((_endsInLine ? string.Empty : "\n") + RemoteText.Of(message.Parts));
        }

        if (!_endsInLine && context.Terminal.Traits.IsOutputTerminal)
        {
            context.Terminal.WriteLine(string.Empty);
        }

        SaveFiles();
        Explain(target);
        return ExitOf(Answer.State);
    }

    /// <summary>The exit code of a state: a message and a completed task are 0, so is a question; what failed or was cancelled is 1, what was rejected or wants proof is 3.</summary>
    public static int ExitOf(TaskState? state) => state switch
    {
        TaskState.Failed or TaskState.Canceled => 1,
        TaskState.Rejected or TaskState.AuthRequired => 3,
        _ => 0,
    };

    private void Explain(string target)
    {
        var note = Answer.State switch
        {
            TaskState.InputRequired => $"the agent asks: parley a2a send {target} --task {Answer.TaskId} ANSWER",
            TaskState.AuthRequired => $"the agent wants proof before it goes on with task {Answer.TaskId}",
            TaskState.Failed => "the task failed",
            TaskState.Canceled => "the task was cancelled",
            TaskState.Rejected => "the agent does not take this task",
            TaskState.Submitted or TaskState.Working => $"task {Answer.TaskId} goes on: parley a2a tasks watch {target} {Answer.TaskId}",
            _ => null,
        };
        if (note is not null && (!context.IsJson || Answer.State != TaskState.Completed))
        {
            context.Terminal.Note(note);
        }
    }

    private void SaveFiles()
    {
        var files = Answer.Artifacts.SelectMany(artifact => artifact.Parts).Concat(Answer.Message?.Parts ?? []).Where(part => part.ContentCase == Part.ContentOneofCase.Raw).ToList();
        if (files.Count == 0)
        {
            return;
        }

        if (saveFolder is null)
        {
            context.Terminal.Note($"{files.Count} files came with the answer: give --save DIR to keep them");
            return;
        }

        foreach (var file in files)
        {
            context.Terminal.Note($"saved {Path.GetFileName(ReceivedFiles.Save(saveFolder, file.Filename, new Body(file.Raw.Memory)))}");
        }
    }

    private void Print(string text)
    {
        if (text.Length > 0)
        {
            context.Terminal.Write(text);
            _endsInLine = text[^1] == '\n';
        }
    }
}
