using Google.Protobuf.Collections;
using Parley.Gateway.Wire.V1;

namespace Parley.Cli.A2a.Remote;

/// <summary>What an agent has said so far: events of a stream put together, and which text of theirs is new.</summary>
internal sealed class RemoteAnswer
{
    private readonly Dictionary<string, string> _shown = [];
    private readonly List<Artifact> _artifacts = [];

    /// <summary>The task, where there is one.</summary>
    public string? TaskId { get; private set; }

    /// <summary>The conversation.</summary>
    public string? ContextId { get; private set; }

    /// <summary>Where the task stands; null for a plain message.</summary>
    public TaskState? State { get; private set; }

    /// <summary>What the agent says of its state, or the plain message.</summary>
    public Message? Message { get; private set; }

    /// <summary>Everything it made.</summary>
    public IReadOnlyList<Artifact> Artifacts => _artifacts;

    /// <summary>Whether text of an artifact was there.</summary>
    public bool HasShown => _shown.Values.Any(text => text.Length > 0);

    /// <summary>Takes an event; gives the text that nobody saw yet.</summary>
    public string Take(StreamResponse response)
    {
        switch (response.PayloadCase)
        {
            case StreamResponse.PayloadOneofCase.Message:
                (Message, ContextId) = (response.Message, Known(response.Message.ContextId) ?? ContextId);
                return string.Empty;
            case StreamResponse.PayloadOneofCase.Task:
                Note(response.Task.Id, response.Task.ContextId, response.Task.Status);
                return string.Concat(response.Task.Artifacts.Select(Replace));
            case StreamResponse.PayloadOneofCase.StatusUpdate:
                Note(response.StatusUpdate.TaskId, response.StatusUpdate.ContextId, response.StatusUpdate.Status);
                return string.Empty;
            case StreamResponse.PayloadOneofCase.ArtifactUpdate when response.ArtifactUpdate.Artifact is { } artifact:
                Note(response.ArtifactUpdate.TaskId, response.ArtifactUpdate.ContextId, null);
                return response.ArtifactUpdate.Append && _artifacts.Find(one => one.ArtifactId == artifact.ArtifactId) is { } known ? Append(known, artifact.Parts) : Replace(artifact);
            default:
                return string.Empty;
        }
    }

    private static string? Known(string text) => text.Length > 0 ? text : null;

    private void Note(string task, string context, Gateway.Wire.V1.TaskStatus? status)
    {
        (TaskId, ContextId) = (Known(task) ?? TaskId, Known(context) ?? ContextId);
        if (status is not null)
        {
            (State, Message) = (status.State, status.Message);
        }
    }

    private string Append(Artifact known, RepeatedField<Part> parts)
    {
        known.Parts.Add(parts);
        var more = RemoteText.Of(parts, _shown[known.ArtifactId]);
        _shown[known.ArtifactId] += more;
        return more;
    }

    // A snapshot repeats what was streamed; what goes beyond it is new. One that differs is told whole, on a line of its own.
    private string Replace(Artifact artifact)
    {
        var index = _artifacts.FindIndex(one => one.ArtifactId == artifact.ArtifactId);
        var text = RemoteText.Of(artifact.Parts);
        var shown = _shown.GetValueOrDefault(artifact.ArtifactId, string.Empty);
        _shown[artifact.ArtifactId] = text;
        if (index < 0)
        {
            _artifacts.Add(artifact.Clone());
        }
        else
        {
            _artifacts[index] = artifact.Clone();
        }

        return text.StartsWith(shown, StringComparison.Ordinal) ? text[shown.Length..] : "\n" + text;
    }
}
