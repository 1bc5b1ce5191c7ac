namespace Parley.Gateway.OpenAi;

/// <summary>Who said something in a conversation with a model.</summary>
public enum ModelRole
{
    /// <summary>Whoever set the caller's program up: system and developer messages, instructions.</summary>
    System,

    /// <summary>The caller.</summary>
    User,

    /// <summary>The agent that is called, earlier.</summary>
    Agent,

    /// <summary>A tool of the caller, which the agent had called.</summary>
    Tool,
}
