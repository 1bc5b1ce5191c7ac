namespace Parley.Gateway.A2a;

/// <summary>The operations of A2A, and the one of the seed's dialect.</summary>
public enum A2aOperation
{
    /// <summary>Sends a message and waits for the answer.</summary>
    SendMessage,

    /// <summary>Sends a message and follows what comes of it.</summary>
    SendStreamingMessage,

    /// <summary>Reads a task.</summary>
    GetTask,

    /// <summary>Lists the caller's tasks.</summary>
    ListTasks,

    /// <summary>Cancels a task.</summary>
    CancelTask,

    /// <summary>Follows a task that exists.</summary>
    SubscribeToTask,

    /// <summary>Sets where a task's events are pushed.</summary>
    CreatePushConfig,

    /// <summary>Reads a push config.</summary>
    GetPushConfig,

    /// <summary>Lists a task's push configs.</summary>
    ListPushConfigs,

    /// <summary>Deletes a push config.</summary>
    DeletePushConfig,

    /// <summary>Reads the card for callers who have proved who they are.</summary>
    GetExtendedCard,

    /// <summary>The seed's <c>message</c>: text in, text out.</summary>
    SeedMessage,
}
