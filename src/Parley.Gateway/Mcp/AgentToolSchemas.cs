using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Parley.Gateway.Mcp;

/// <summary>The tools by which a model talks with agents: names and schemas, once for every door.</summary>
public static class AgentToolSchemas
{
    /// <summary>Who the caller is.</summary>
    public const string Whoami = "whoami";

    /// <summary>Whom one may ask.</summary>
    public const string ListAgents = "list_agents";

    /// <summary>Asks an agent.</summary>
    public const string SendToAgent = "send_to_agent";

    /// <summary>Waits for an answer or a message.</summary>
    public const string WaitMessage = "wait_message";

    /// <summary>What is unread, without reading it.</summary>
    public const string CheckInbox = "check_inbox";

    /// <summary>Answers a message.</summary>
    public const string Reply = "reply";

    /// <summary>Marks a message as read.</summary>
    public const string Ack = "ack";

    /// <summary>The caller's A2A tasks.</summary>
    public const string ListTasks = "list_tasks";

    /// <summary>Tells what happened.</summary>
    public const string EmitEvent = "emit_event";

    /// <summary>Reads a shared state.</summary>
    public const string GetState = "get_state";

    /// <summary>Changes the own shared state.</summary>
    public const string SetState = "set_state";

    /// <summary>Longest wait of one call in seconds: clients give up at about sixty.</summary>
    public const int MaxWaitSeconds = 45;

    private const string WaitArgument = """{"type":"integer","minimum":0,"maximum":45,"description":"Seconds to wait, 45 at most; 40 when left out."}""";

    private static readonly JsonWriterOptions _writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Those that need a hub.</summary>
    public static IReadOnlyList<AgentTool> All { get; } =
    [
        Define(Whoami, "Who am I", "Tells your own address, owner and hub.", string.Empty) with { IsReadOnly = true, IsIdempotent = true },
        Define(ListAgents, "List agents", "Lists the agents that you may ask, and whether they are online.", $"\"selector\":{Text("Labels that they must have, for example role=build.")}")
            with { IsReadOnly = true, IsIdempotent = true },
        Define(
            SendToAgent,
            "Send to an agent",
            "Sends a message to another agent and returns its answer. When the answer takes longer than wait_s, returns an id: call wait_message with it.",
            $"\"agent_id\":{Text("The agent: its name, or owner.name.")},\"message\":{Text("What to say.")},\"thread\":{Text("The conversation that it belongs to, to go on with an earlier one.")},\"wait_s\":{WaitArgument}",
            "agent_id",
            "message") with { IsOpenWorld = true },
        Define(
            WaitMessage,
            "Wait for a message",
            "Returns the answer to a message that you sent (with id), or the next unread message, and waits for it if none is there.",
            $"\"id\":{Text("The id that send_to_agent or check_inbox gave; any message when left out.")},\"wait_s\":{WaitArgument}") with { IsReadOnly = true, IsOpenWorld = true },
        Define(CheckInbox, "Check the inbox", "Lists unread messages and answers without marking them as read, and what you still wait for.", string.Empty) with { IsReadOnly = true, IsIdempotent = true },
        Define(Reply, "Reply", "Answers a message that you got.", $"\"message_id\":{Text("The message's id.")},\"text\":{Text("The answer.")}", "message_id", "text") with { IsOpenWorld = true },
        Define(Ack, "Mark as read", "Marks a message as read without answering it.", $"\"message_id\":{Text("The message's id.")}", "message_id") with { IsIdempotent = true },
        Define(ListTasks, "List tasks", "Lists the tasks that an agent does or did for you, the newest first.", $"\"agent_id\":{Text("The agent: its name, or owner.name.")},\"limit\":{{\"type\":\"integer\",\"minimum\":1,\"maximum\":100}}", "agent_id")
            with { IsReadOnly = true, IsIdempotent = true },
        Define(
            EmitEvent,
            "Emit an event",
            "Tells that something happened. Agents and services that were connected to it hear of it; nobody answers.",
            $"\"type\":{Text("What kind, words with dots between them: build.failed.")},\"data\":{{\"type\":\"object\",\"description\":\"What there is to say of it.\"}}," +
            $"\"subject\":{Text("What it is about.")},{AgentArgument("Whose doing it was; your own when left out.")}",
            "type") with { IsOpenWorld = true },
        Define(
            GetState,
            "Read a state",
            "Reads the state that an agent shares: a JSON object and its version. Of other agents you see the fields that are shared with you.",
            AgentArgument("The agent; yourself when left out.")) with { IsReadOnly = true, IsIdempotent = true, IsOpenWorld = true },
        Define(
            SetState,
            "Change your state",
            "Changes the state that you share: members of patch replace those of the same name, null removes one, what is not named stays.",
            $"\"patch\":{{\"type\":\"object\",\"description\":\"A JSON merge patch.\"}},\"if_version\":{{\"type\":\"integer\",\"minimum\":0,\"description\":\"Change it only if this is its version.\"}}," +
            AgentArgument("The agent; yourself when left out."),
            "patch") with { IsIdempotent = true, IsOpenWorld = true },
    ];

    /// <summary>Asks a peer of the home's peers.json, without a hub: only a home has it. Its arguments have two spellings, for models that learnt it elsewhere.</summary>
    public static AgentTool PeerAsk { get; } = Define(
        "peer_ask",
        "Ask a peer",
        "Asks another instance a question, or gives it a task, and returns its answer. When the answer takes longer, the error has a task_id: call again with peer and task_id to get the answer.",
        $"\"peer\":{Text("The peer's name.")},\"message\":{Text("What to say.")},\"task_id\":{Text("The question whose answer was not there yet; then without message.")}," +
        $"\"peer_name\":{Text("The same as peer.")},\"prompt\":{Text("The same as message.")}") with { IsOpenWorld = true };

    /// <summary>Writes tools as OpenAI's API has them: a list of functions.</summary>
    public static void WriteFunctions(IBufferWriter<byte> output, IEnumerable<AgentTool> tools)
    {
        using var json = new Utf8JsonWriter(output, _writing);
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var tool in tools)
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", tool.Name);
            json.WriteString("description", tool.Description);
            json.WritePropertyName("parameters");
            tool.Schema.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static AgentTool Define(string name, string title, string description, string properties, params string[] required)
    {
        var names = string.Join(',', required.Select(one => $"\"{one}\""));
        using var schema = JsonDocument.Parse($"{{\"type\":\"object\",\"properties\":{{{properties}}},\"required\":[{names}],\"additionalProperties\":false}}");
        return new AgentTool(name, title, description, schema.RootElement.Clone());
    }

    private static string AgentArgument(string description) => $"\"agent_id\":{Text(description)}";

    private static string Text(string description) => $"{{\"type\":\"string\",\"description\":\"{JsonEncodedText.Encode(description)}\"}}";
}
